"""What a cluster's table makes of a task's wish, and how it is refused."""

import logging
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import engine, localengine
from sisyphus import simple_linux_utility_for_resource_management_engine as slurm_module

from tools import cluster
from tools.cluster import Table, TableError, read_table

ROOT = Path(__file__).resolve().parents[2]


class ReturnnTrainingJob:
    """Only its name counts."""


def task(rqmt: dict, name: str = "run", job=None):
    return SimpleNamespace(_job=job or ReturnnTrainingJob(), name=lambda: name, rqmt=lambda: rqmt)


def table(tmp_path, text: str) -> Table:
    path = tmp_path / "clüster.toml"
    path.write_text(text, encoding="utf-8")
    return read_table(str(path))


WISH = {"cpu": 6, "mem": 24.0, "gpu": 1, "time": 168.0}
TABLE = """
[all]
account = "speech"
partition = "cpu"
sbatch_args = ["--requeue"]

[gpu]
partition = "gpu"
gpu_name = "a100"
sbatch_args = ["--exclude=node 7"]

[jobs."*TrainingJob.run"]
cpu = 8
time = 72

[jobs."ReturnnTrainingJob.*"]
partition = "long"
qos = "night"
"""


def test_rows_are_laid_over_each_other_all_then_gpu_then_every_pattern_that_fits(tmp_path):
    asked = table(tmp_path, TABLE).request(WISH, task(WISH))
    options = ["--account=speech", "--partition=long", "--qos=night", "--requeue", "--exclude=node 7"]
    assert asked == {"cpu": 8, "mem": 24.0, "gpu": 1, "time": 72, "gpu_name": "a100", "sbatch_args": options}


def test_other_tasks_get_what_holds_for_all(tmp_path):
    wish = {"cpu": 1, "mem": 2, "time": 1}
    asked = table(tmp_path, TABLE).request(wish, task(wish, "tune", job=object()))
    assert asked == wish | {"sbatch_args": ["--account=speech", "--partition=cpu", "--requeue"]}


def test_a_task_can_be_given_a_gpu_and_one_can_be_taken_away(tmp_path):
    rows = '[gpu]\npartition = "gpu"\ngpu_name = "x"\n[jobs."*.train"]\ngpu = 2\n[jobs."*.forward"]\ngpu = 0'
    made = table(tmp_path, rows)
    for name, wished, asked, options in (
        ("train", 0, 2, {"sbatch_args": ["--partition=gpu"], "gpu_name": "x"}),
        ("forward", 1, 0, {}),
    ):
        wish = {"cpu": 1, "mem": 1, "gpu": wished, "time": 1}
        assert made.request(wish, task(wish, name)) == wish | {"gpu": asked} | options


def test_what_ran_out_grows_from_the_tables_value_and_stops_at_the_limits(tmp_path):
    made = table(tmp_path, '[jobs."*"]\nmem = 40\ntime = 10\n[limits]\ntime = 15\ncpu = 4')
    grown = WISH | {"mem": 2 * WISH["mem"], "time": 2 * WISH["time"]}
    assert made.request(grown, task(WISH)) == {"cpu": 4, "mem": 80, "gpu": 1, "time": 15}


@given(amounts=st.fixed_dictionaries({}, optional={key: st.integers(1, 99) for key in ("cpu", "gpu", "mem", "time")}))
def test_what_is_not_named_stays_and_asking_twice_asks_for_the_same(amounts):
    made = Table(jobs={"*": amounts})
    asked = made.request(WISH, task(WISH))
    assert asked == WISH | amounts
    assert Table().request(WISH, task(WISH)) == WISH
    assert Table(jobs={"Another*": amounts}).request(WISH, task(WISH)) == WISH


def test_mini_tasks_stay_as_they_are_unless_slurm_runs_them_too(tmp_path):
    wish = {"cpu": 1, "mem": 2, "time": 1, "engine": "short"}
    rows = '[all]\npartition = "cpu"'
    assert table(tmp_path, rows).request(wish, task(wish)) == wish
    read_table.cache_clear()
    asked = table(tmp_path, 'mini_tasks = "slurm"\n' + rows).request(wish, task(wish))
    assert asked == wish | {"sbatch_args": ["--partition=cpu"]}


def test_systems_that_the_graph_wants_later_are_nicer_if_the_table_says_so(tmp_path):
    later, unplaced = ReturnnTrainingJob(), ReturnnTrainingJob()
    later.place_in_order = 3
    assert table(tmp_path, "").request(WISH, task(WISH, job=later)) == WISH
    read_table.cache_clear()
    nice = table(tmp_path, "nice_per_system = 10")
    assert nice.request(WISH, task(WISH, job=later))["sbatch_args"] == ["--nice=30"]
    assert nice.request(WISH, task(WISH, job=unplaced)) == WISH


@pytest.fixture(autouse=True)
def every_table_is_read_anew():
    read_table.cache_clear()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[jobs."Search*"]\nmems = 4', """[jobs."Search*"] names 'mems'; it can hold cpu, gpu, mem, time"""),
        ('[all]\nmem = "4G"', "[all] has mem = '4G'; give a number"),
        ("[all]\ntime = 0", "[all] has time = 0; give a number"),
        ("[all]\ntime = nan", "[all] has time = nan; give a number"),
        ("[all]\ncpu = 1.5", "[all] has cpu = 1.5; give a whole number"),
        ("[all]\ncpu = true", "[all] has cpu = True; give a whole number"),
        ("[all]\npartition = 3", "[all] has partition = 3; give a text"),
        ('[all]\nsbatch_args = "--requeue"', "[all] has sbatch_args = '--requeue'; give a list of texts"),
        ("[limits]\nqos = 'x'", "[limits] names 'qos'; it can hold cpu, gpu, mem, time"),
        ("[gpu]\ngpu = 1", "[gpu] gives gpu"),
        ("all = 3", "[all] is 3; make it a table"),
        ("jobs = 3", "[jobs] is 3; make it a table"),
        ("[jobs]\nmem = 3", '[jobs."mem"] is 3; make it a table'),
        (
            "[partition]",
            "'partition' is no part of it; it can hold mini_tasks, mini_cpus, nice_per_system, all, gpu, jobs, limits",
        ),
        ("mini_tasks = 'here'", "mini_tasks is 'here'; use 'local' or 'slurm'"),
        ("nice_per_system = -1", "nice_per_system is -1; give a whole number from 0"),
        ("mini_cpus = 0", "mini_cpus is 0; give a number of cores"),
        ("[all", "Expected ']'"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_file_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(TableError) as caught:
        table(tmp_path, text)
    message = str(caught.value)
    assert "clüster.toml: " in message and sentence in message and "\n" not in message


def test_without_a_table_nothing_changes(tmp_path):
    assert read_table(str(tmp_path / "none.toml")) == Table()


class Slurm(engine.EngineBase):
    """Refuses what asks for more than one GPU, as sbatch does where there are not so many."""

    def __init__(self, default_rqmt):
        self.default_rqmt = default_rqmt

    def submit_call(self, call, logpath, rqmt, name, task_name, task_ids):
        return "slurm", [(task_ids, None if rqmt["gpu"] > 1 else "17")]


class Local(engine.EngineBase):
    def __init__(self, cpus):
        self.cpus = cpus


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Makes the engine for the text of a table, with stand-ins for the real ones."""
    monkeypatch.setattr(localengine, "LocalEngine", Local)
    monkeypatch.setattr(slurm_module, "SimpleLinuxUtilityForResourceManagementEngine", Slurm)

    def make(text: str):
        (tmp_path / "cluster.toml").write_text(text)
        return cluster.slurm(str(tmp_path / "cluster.toml"))

    return make


def test_mini_tasks_run_on_a_few_cores_of_this_machine_or_under_slurm_too(slurm):
    chosen = slurm("mini_cpus = 3")
    assert isinstance(chosen, engine.EngineSelector) and chosen.default_engine == "long"
    assert isinstance(chosen.engines["short"], Local) and chosen.engines["short"].cpus == 3
    assert isinstance(chosen.engines["long"], Slurm) and chosen.engines["long"].default_rqmt.keys() == {*WISH}
    read_table.cache_clear()
    both = slurm("mini_tasks = 'slurm'").engines
    assert both["short"] is both["long"]


def test_after_a_refusal_the_next_submission_waits(slurm, monkeypatch, caplog):
    waited = []
    monkeypatch.setattr(cluster.time, "sleep", waited.append)
    long = slurm("").engines["long"]
    assert long.submit_call([], "", WISH, "a", "run", [1]) == ("slurm", [([1], "17")]) and waited == []
    with caplog.at_level(logging.ERROR):
        refused = long.submit_call([], "", WISH | {"gpu": 2}, "jobs/Big.x", "run", [1])
    assert refused == ("slurm", [([1], None)]) and len(waited) == 1 and waited[0] >= 10
    assert "jobs/Big.x" in caplog.text and "'gpu': 2" in caplog.text


def examples() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_of_the_documentation_is_a_table_whose_patterns_fit_tasks_of_the_papers_graph(tmp_path):
    [text] = examples()
    made = table(tmp_path, text)
    command = [sys.executable, "-m", "recipe.graph.plan", "config/tedlium2.py"]
    path = str(ROOT / "tools" / "local_sisyphus")
    plan = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    names = [line.split()[0] for line in plan.stdout.splitlines() if line]
    for pattern in made.jobs:
        assert any(cluster.fnmatchcase(name, pattern) for name in names), pattern
