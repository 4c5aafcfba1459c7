"""Tasks: batches of arguments, requirements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import Job, Task


class Recording(Job):
    def __init__(self, task):
        self.calls = []
        self._task = task

    @classmethod
    def hash(cls, parsed_args):
        return str(id(parsed_args["task"]))

    def tasks(self):
        yield self._task()

    def run(self, *args):
        self.calls.append(args)


def task_of(**arguments) -> Task:
    task = Task("run", **arguments)
    task.set_job(Recording(lambda: task))
    return task


@given(st.lists(st.integers(), max_size=20), st.integers(0, 8))
def test_batches_cover_all_arguments_in_order_and_evenly(entries, parallel):
    task = task_of(args=entries, parallel=parallel)
    batches = [task.argument_lists(task_id) for task_id in task.task_ids()]
    assert [entry for batch in batches for (entry,) in batch] == entries
    if entries:
        assert len(batches) == (parallel or len(entries))
        sizes = [len(batch) for batch in batches]
        assert sizes == sorted(sizes, reverse=True) and sizes[0] - sizes[-1] <= 1
    else:
        assert task.is_finished()


def test_entries_are_splatted_or_passed_alone():
    task = task_of(args=[(1, 2), "ab", [3]], parallel=1)
    task.run(1)
    assert task.job.calls == [(1, 2), ("ab",), (3,)]
    task = task_of()
    task.run(1)
    assert task.job.calls == [()]


def test_requirements():
    task = task_of(rqmt={"cpu": 2}, mini_task=True)
    assert task.rqmt() == {"cpu": 2, "engine": "short"}
    task.job.update_rqmt("run", {"mem": 3})
    assert task.rqmt() == {"cpu": 2, "engine": "short", "mem": 3}
    task.job.set_rqmt("run", {"mem": 4})
    assert task.rqmt() == {"mem": 4}


def test_a_task_names_an_existing_method_once():
    with pytest.raises(ValueError, match="no method 'walk'"):
        Task("walk").set_job(Recording(None))
    job = Recording(None)
    job.tasks = lambda: [Task("run"), Task("run")]
    with pytest.raises(ValueError, match="no name twice"):
        job._sis_task_list()
