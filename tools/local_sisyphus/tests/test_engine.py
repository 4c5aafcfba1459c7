"""Requirements, queues and resources."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import Job, Task, submit_log
from sisyphus.engine import EngineSelector, normalize
from sisyphus.job_directory import set_up
from sisyphus.localengine import LocalEngine
from sisyphus.processes import wait_for_any


class Needy(Job):
    def __init__(self, rqmt):
        self.rqmt = rqmt

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def run(self):
        pass


@pytest.mark.parametrize(
    "rqmt, wanted",
    [
        ({"mem": "512M", "time": "1:30:00"}, {"mem": 0.5, "time": 1.5}),
        ({"mem": "4G", "time": 2}, {"mem": 4, "time": 2}),
        ({"mem": "2T", "x": "y"}, {"mem": 2048, "x": "y"}),
        ({"mem": "1048576K"}, {"mem": 1}),
    ],
)
def test_texts_become_numbers(rqmt, wanted):
    assert normalize(rqmt) == wanted


@pytest.mark.parametrize("rqmt", [{"mem": "lots"}, {"time": "1:30"}, {"time": "soon"}])
def test_unreadable_requirements_are_named(rqmt):
    (field,) = rqmt
    with pytest.raises(ValueError, match=f"{field} is '{rqmt[field]}'"):
        normalize(rqmt)


def test_a_resubmission_grows_and_keeps_what_grew(base):
    job = Needy({"mem": 4, "time": 1})
    set_up(job)
    (task,) = job._sis_task_list()
    engine = LocalEngine(cpus=4, mem=10)
    first = {"cpu": 1, "mem": 4.0, "time": 1.0}
    assert engine.task_rqmt(task, 1) == first
    submit_log.append(task, [1], first, "local", "here")
    usage = Path(task.path("usage", 1))
    usage.write_text(repr({"used_time": 0.99, "max": {"rss": 1}, "requested_resources": first}))
    assert engine.task_rqmt(task, 1) == {**first, "time": 2.0}
    submit_log.append(task, [1], {**first, "time": 2.0}, "local", "here")
    usage.write_text(repr({"used_time": 0.1, "max": {"rss": 3.9}, "out_of_memory": False}))
    assert engine.task_rqmt(task, 1) == {**first, "time": 2.0, "mem": 8.0}
    submit_log.append(task, [1], {**first, "time": 2.0, "mem": 8.0}, "local", "here")
    assert engine.task_rqmt(task, 1) == {**first, "time": 2.0, "mem": 8.0}
    usage.write_text(repr({"used_time": 0.1, "max": {"rss": 7.9}}))
    assert engine.task_rqmt(task, 1)["mem"] == 10  # not 16: the machine has no more


def submit(engine, folder, number, rqmt, seconds="0.05"):
    script = f'import time; time.sleep({seconds}); print("ran")'
    engine.submit_call([sys.executable, "-c", script], str(folder), rqmt, f"job{number}", "run", [1])


def started(engine) -> list[int]:
    return [int(key[0].removeprefix("job")) for key in engine.start_what_fits()]


def wait_for_end(engine) -> list[int]:
    wait_for_any(engine.descriptors(), 20)
    return [int(key[0].removeprefix("job")) for key in engine.collect_ended()]


def test_small_tasks_overtake_what_does_not_fit(tmp_path):
    engine = LocalEngine(cpus=2, mem=4)
    for number, rqmt in enumerate([{"cpu": 1}, {"cpu": 2}, {"cpu": 1, "mem": 5}, {"cpu": 1, "mem": 4}]):
        (tmp_path / str(number)).mkdir()
        submit(engine, tmp_path / str(number), number, rqmt)
    assert started(engine) == [0, 3]
    ended = []
    while len(ended) < 2:
        ended += wait_for_end(engine)
    assert sorted(ended) == [0, 3]
    assert started(engine) == [1]
    assert (tmp_path / "3" / "log.run.1").read_text() == "ran\n"
    assert engine.refusal({"cpu": 1, "mem": 5}) == "asks for mem=5, but this machine's engine has 4"
    assert engine.refusal({"cpu": 2, "mem": 4, "time": 1000}) is None
    assert engine.stop_tasks() == [("job1", "run", 1)] and engine.start_what_fits() == []


def test_the_job_of_the_least_place_starts_first_and_equals_in_the_order_of_the_queue(base):
    engine, placed = LocalEngine(cpus=1), []
    engine._start = lambda queued: engine._charge(queued.rqmt, -1)
    for number, place in enumerate([None, 2, 1, 2, 0, "a text of a foreign recipe"]):
        job = Needy({"cpu": 1, "number": number})
        if place is not None:
            job.place_in_order = place
        engine.submit_call([], "", {"cpu": 1}, job.job_id(), "run", [1])
        placed.append(job.job_id())
    order = []
    while engine.queue:
        ((job_id, _, _),) = engine.start_what_fits()
        order.append(placed.index(job_id))
        engine._charge({"cpu": 1}, 1)
    assert order == [4, 2, 1, 3, 0, 5]


def test_gpus_are_given_out_by_name(tmp_path):
    engine = LocalEngine(cpus=4, gpus=2, available_gpus="3,5")
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        call = ["/bin/sh", "-c", 'echo "gpu=$CUDA_VISIBLE_DEVICES"; sleep 0.2']
        engine.submit_call(
            call, str(tmp_path / str(number)), {"cpu": 1, "gpu": int(number < 2)}, f"job{number}", "run", [1]
        )
    assert started(engine) == [0, 1, 2]
    while engine.running:
        wait_for_end(engine)
    logs = [(tmp_path / str(number) / "log.run.1").read_text() for number in range(3)]
    assert logs == ["gpu=3\n", "gpu=5\n", "gpu=\n"]
    assert sorted(engine.free_gpus) == ["3", "5"]
    with pytest.raises(ValueError, match="name each of them"):
        LocalEngine(gpus=2, available_gpus="0")


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6)), max_size=8))
def test_no_more_runs_than_there_is(requirements):
    engine = LocalEngine(cpus=4, mem=6)
    engine._start = lambda queued: engine._charge(queued.rqmt, -1)
    for number, (cpu, mem) in enumerate(requirements):
        engine.submit_call([], "", {"cpu": cpu, "mem": mem}, f"job{number}", "run", [1])
    running = [requirements[number] for number in started(engine)]
    assert sum(cpu for cpu, _ in running) <= 4 and sum(mem for _, mem in running) <= 6
    left = [(queued.rqmt["cpu"], queued.rqmt["mem"]) for queued in engine.queue]
    assert all(cpu > engine.free["cpu"] or mem > engine.free["mem"] for cpu, mem in left)
    assert len(running) + len(left) == len(requirements)


def test_a_selector_chooses_by_name(base):
    short, long = LocalEngine(cpus=1), LocalEngine(cpus=2)
    engine = EngineSelector({"short": short, "long": long}, default_engine="long")
    engine.submit_call(["true"], str(base), {"cpu": 1, "engine": "short"}, "job0", "run", [1])
    engine.submit_call(["true"], str(base), {"cpu": 1}, "job1", "run", [1, 2])
    assert len(short.queue) == 1 and len(long.queue) == 2
    assert engine.refusal({"cpu": 2}) is None and engine.refusal({"cpu": 2, "engine": "short"})
    assert engine.worker_options({"cpu": 1}) == ["--engine", "long"]
    assert sorted(key[0] for key in engine.start_what_fits()) == ["job0", "job1", "job1"]
    while short.running or long.running:
        wait_for_any(engine.descriptors(), 20)
        engine.collect_ended()
    with pytest.raises(ValueError, match="default_engine"):
        EngineSelector({"short": short}, default_engine="none")
