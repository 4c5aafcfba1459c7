"""What is scored first when two cores run a graph, by the bundled engine's own queue."""

import functools

import pytest
from sisyphus.localengine import LocalEngine

from config import three_devices
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.graph.experiment import Experiment
from recipe.graph.order import in_order, put_in_order
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat
from recipe.training.jobs import ReturnnTrainingJob
from setups.tiny import tiny
from tests.recipe.graph.test_experiment import ancestors, outputs_of

TRAINING_S, OTHER_S = 300, 7


def ended_s(paths, cores: int) -> dict:
    """When each job behind the paths ends, if trainings last long and all else is short."""
    jobs = {job.job_id(): job for job in sorted(ancestors(paths))}
    inputs = {job: {path.creator for path in job._sis_inputs} - {None} for job in jobs.values()}
    users: dict = {job: [user for user in jobs.values() if job in inputs[user]] for job in jobs.values()}
    engine = LocalEngine(cpus=cores)
    engine._start = lambda queued: engine._charge(queued.rqmt, -1)
    ended, running, now_s = {}, {}, 0.0
    ready = [job for job, needed in inputs.items() if not needed]
    while ready or running or engine.queue:
        for job in ready:
            engine.submit_call([], "", {"cpu": 1}, job.job_id(), "run", [1])
        for job_id, _, _ in engine.start_what_fits():
            running[jobs[job_id]] = now_s + (TRAINING_S if isinstance(jobs[job_id], ReturnnTrainingJob) else OTHER_S)
        now_s, done = min(running.values()), min(running, key=running.get)
        ended[done] = running.pop(done)
        engine._charge({"cpu": 1}, 1)
        ready = [user for user in users[done] if inputs[user] <= ended.keys()]
    return ended


def scored_s(graph, cores: int) -> tuple[dict[str, float], list[float]]:
    """When all scores of each system are there, and when trainings end."""
    for job in ancestors(path for _, path in outputs_of(graph)):
        vars(job).pop("place_in_order", None)  # of another graph in this process, which jobs are shared with
    outputs = outputs_of.__wrapped__(graph)  # anew, without its cache
    ended = ended_s([path for _, path in outputs], cores)
    scores: dict[str, float] = {}
    for name, path in outputs:
        if "/scores/" in name and not ("qat" in name and "fixed" in name):  # beside devices, no row of its own
            system = name.split("/scores/")[1].rpartition("/")[0]
            scores[system] = max(scores.get(system, 0.0), ended[path.creator])
    return scores, sorted(end for job, end in ended.items() if isinstance(job, ReturnnTrainingJob))


@pytest.fixture(scope="module")
def on_two_cores():
    return scored_s(three_devices.py, 2)


def test_on_two_cores_the_first_rows_come_before_the_third_training_ends(on_two_cores):
    scores, trained = on_two_cores
    device = "memristor-3/physical/device-1"
    assert trained[1] < scores["float"] <= scores["qat-3"] <= scores[device] < trained[2]
    assert sorted(scores, key=scores.get)[:3] == ["float", "qat-3", device]


def test_no_core_waits_for_the_order(on_two_cores):
    """All work over two cores, with a last job that may run alone."""
    jobs = ancestors(path for _, path in outputs_of(three_devices.py))
    trainings = sum(isinstance(job, ReturnnTrainingJob) for job in jobs)
    work_s = TRAINING_S * trainings + OTHER_S * (len(jobs) - trainings)
    last_s = max(ended_s([path for _, path in outputs_of(three_devices.py)], 2).values())
    assert last_s < work_s / 2 + TRAINING_S


def test_without_a_wish_rows_come_in_the_order_of_the_list():
    systems = [Qat(3), Ptq(3), Float(), Memristor(3, 1, physical())]
    scores, _ = scored_s(functools.partial(run, tiny(), systems), 1)
    assert sorted(scores, key=scores.get) == ["qat-3", "ptq-3", "float", "memristor-3/physical/device-1"]


def test_a_job_has_the_place_of_the_first_group_that_needs_it():
    experiment = Experiment(tiny())
    one, two = ([score.score for score in experiment.scores(system)] for system in (Ptq(2), Float(training_seed=9)))
    for path in [*one, *two]:
        for job in ancestors([path]):
            vars(job).pop("place_in_order", None)
    put_in_order([two, one])
    assert {job.place_in_order for job in ancestors(two)} == {0}
    assert {job.place_in_order for job in ancestors(one) - ancestors(two)} == {1}


def test_a_system_that_the_graph_lacks_cannot_come_first():
    assert in_order([Float(), Qat(3), Ptq(3)], [Ptq(3)]) == [Ptq(3), Float(), Qat(3)]
    with pytest.raises(InputError, match="qat-4 is to come first, but is no system of this graph"):
        in_order([Float()], [Qat(4)])
