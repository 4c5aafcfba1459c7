"""What is outdated in a graph, and how it is moved aside."""

import fcntl
from pathlib import Path
from types import SimpleNamespace

import pytest

from recipe.errors import InputError
from recipe.graph.outdated import changes, clear, dependents, main, report


class FakeJob:
    """As much of a job as the module asks for."""

    def __init__(self, name: str, *creators: "FakeJob", finished: bool = True):
        self.name, self.finished = name, finished
        self._sis_inputs = [SimpleNamespace(creator=creator) for creator in creators]

    def job_id(self):
        return self.name

    def _sis_path(self):
        return f"work/{self.name}"

    def _sis_finished(self):
        return self.finished


@pytest.fixture
def graph() -> list[FakeJob]:
    """train -> search -> score -> table; train -> unfinished; corpus -> train."""
    corpus = FakeJob("corpus")
    train = FakeJob("train", corpus)
    search = FakeJob("search", train)
    score = FakeJob("score", search, corpus)
    return [FakeJob("table", score), score, search, train, corpus, FakeJob("late", train, finished=False)]


def present(**changed):
    """A comparison that finds these modules for these jobs."""
    return SimpleNamespace(changed_since=lambda folder: changed.get(folder.name, ()))


def test_what_depends_on_a_job_of_other_code_is_outdated_too(graph):
    found = changes(graph, present(search=("recipe/x.py",), corpus=None))
    assert [job.name for job in found] == ["corpus", "score", "search", "table", "train"]
    dependent = dependents(found, graph)
    assert [job.name for job in dependent] == ["score", "table"]
    lines = list(report(found, dependent))
    assert lines[0].endswith("1 of 5 finished jobs") and "      work/search" in lines
    assert lines[-3:] == ["depending on them: 2 finished jobs", "      work/score", "      work/table"]


def test_a_job_of_other_code_is_not_listed_as_dependent_as_well(graph):
    found = changes(graph, present(search=("recipe/x.py",), table=("recipe/y.py",)))
    assert [job.name for job in dependents(found, graph)] == ["score"]


def test_where_nothing_changed_nothing_depends_on_it(graph):
    found = changes(graph, present(corpus=None))
    assert dependents(found, graph) == []


def test_cleared_jobs_lie_aside_under_the_next_free_name(graph, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("score", "score.cleared.0001", "table"):
        Path("work", name).mkdir(parents=True)
        Path("work", name, "kept").write_text(name)
    assert list(clear(graph[:2], Path("work", ".lock"))) == [
        "cleared: work/table -> table.cleared.0001",
        "cleared: work/score -> score.cleared.0002",
    ]
    assert Path("work", "score.cleared.0002", "kept").read_text() == "score"
    assert not Path("work", "score").exists()


def test_while_a_manager_runs_nothing_is_moved(graph, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("work", "score").mkdir(parents=True)
    with open("work/.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="a manager runs"):
            list(clear(graph[1:2], Path("work", ".lock")))
    assert Path("work", "score").exists()


def test_what_is_no_graph_is_refused_in_one_sentence(capsys):
    assert main(["settings.toml"]) == 1
    assert "is no graph" in capsys.readouterr().err
