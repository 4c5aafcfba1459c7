"""Targets and the graph they span."""

import logging
import os

import pytest
from sisyphus import Job, gs, tk
from sisyphus.graph import ancestors, graph, link_aliases
from sisyphus.job_directory import mark, set_up


class Node(Job):
    def __init__(self, name, inputs=()):
        self.name = name
        self.inputs = inputs
        self.out = self.output_path("out")
        self.value = self.output_var("value")


def finish(job):
    set_up(job)
    with open(job.out.get_path(), "w") as file:
        file.write(job.name)
    job.value.set(len(job.name))
    mark(job._sis_path("finished"))


@pytest.fixture
def chain(base):
    first = Node("first")
    second = Node("second", [first.out])
    third = Node("third", [second.out, first.out])
    return first, second, third


def test_needed_jobs_come_inputs_first_and_end_at_finished_ones(chain):
    first, second, third = chain
    Node("nobody asks")
    tk.register_output("third", third.out)
    assert graph.jobs() == [first, second, third]
    finish(second)
    assert graph.unfinished_jobs() == [first, third]
    finish(third)
    assert graph.unfinished_jobs() == []
    assert ancestors([second.out]) == [first, second]


def test_an_output_is_linked_once_it_is_there_and_again_if_it_moved(base, chain, monkeypatch):
    first = chain[0]
    monkeypatch.setattr(gs, "ALIAS_AND_OUTPUT_SUBDIR", "paper")
    tk.register_output("a/name", first.out)
    (target,) = graph.targets
    assert target.update() is None
    finish(first)
    assert target.update() == "output/paper/a/name"
    assert os.readlink(base / "output/paper/a/name") == first.out.get_path()
    log = (base / "log/finished.log").read_text()
    assert log.endswith(f"Finished output: output/paper/a/name (-> work/{first.job_id()}/output/out)\n")
    target.done = False
    assert target.update() is None
    os.remove(base / "output/paper/a/name")
    os.symlink("/old/place", base / "output/paper/a/name")
    target.done = False
    assert target.update() == "output/paper/a/name"


def test_double_names_are_warned_about(chain, caplog):
    first, second, _ = chain
    tk.register_output("name", first.out)
    tk.register_output("name", first.out)
    assert len(graph.targets) == 1 and not caplog.records
    with caplog.at_level(logging.WARNING):
        tk.register_output("name", second.out)
        first.add_alias("x")
        second.add_alias("x")
        link_aliases([first, second])
    assert "output name is registered twice" in caplog.text
    assert "alias x is claimed by" in caplog.text
    assert os.readlink("alias/x").endswith(first.job_id())


@pytest.mark.parametrize("value", ["text", 3, None])
def test_only_paths_can_be_outputs(value):
    with pytest.raises(TypeError, match="not a path or variable"):
        tk.register_output("x", value)


def test_reports_fill_in_what_is_known(base, chain):
    first, second, _ = chain
    tk.register_report("r.txt", {"a": first.value, "b": second.value}, template="{a} and {b}")
    (report,) = graph.targets
    finish(first)
    assert report.update() is None
    assert (base / "output/r.txt").read_text() == "5 and not available yet"
    finish(second)
    assert report.update() == "output/r.txt"
    assert (base / "output/r.txt").read_text() == "5 and 6"
    with pytest.raises(TypeError, match="bare path"):
        tk.register_report("r.txt", first.out)


def test_a_callback_comes_once_when_all_is_there(chain):
    first, second, _ = chain
    calls = []
    tk.register_callback(lambda *args: calls.append(args), [first.out], second.value)
    (callback,) = graph.targets
    finish(first)
    callback.update()
    assert calls == []
    finish(second)
    callback.update()
    callback.update()
    assert calls == [([first.out], second.value)]


def test_a_packed_job_can_be_loaded(base, chain):
    import tarfile

    first = chain[0]
    finish(first)
    with tarfile.open(first._sis_path("finished.tar.gz"), "w:gz") as archive:
        archive.add(first._sis_path("job.save"), "job.save")
    os.remove(first._sis_path("job.save"))
    os.remove(first._sis_path("finished"))
    assert tk.load_job(first._sis_path()).name == "first"
    assert first.out.available()
