"""After an edit, which results of a finished graph did other code make? Every command says so; a rerun makes those."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recipe.code_record import STORE
from tests.tiny_graph import ROOT, manager

COPIED = ("config", "recipe", "memristor_sim", "setups", "settings.py", "docs", "requirements")
WER = Path("recipe", "scoring", "wer.py")
CONFIG = "config/tiny.py"


@pytest.fixture(scope="module")
def base(tiny_graph, tmp_path_factory) -> Path:
    """A checkout of its own, to edit, with a copy of the finished graph."""
    folder = tmp_path_factory.mktemp("provenance") / "a chëckout"
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copy if source.is_file() else shutil.copytree
        copy(source, folder / name)
    shutil.copytree(tiny_graph / "work", folder / "work", symlinks=True)
    for job in (folder / "work").glob("*/*/*.*"):  # other tests let other graphs share the work directory
        if str(job.relative_to(folder / "work")) not in jobs_of_graph(folder):
            shutil.rmtree(job)
    for info in (folder / "work").rglob("info"):
        info.write_text(info.read_text("utf-8").replace(str(tiny_graph), str(folder)), "utf-8")
    return folder


@functools.cache
def jobs_of_graph(base: Path) -> frozenset[str]:
    """Ids of the jobs of CONFIG in a checkout."""
    code = (
        "from sisyphus import tk; from config import tiny; tiny.py(); "
        "print(*(job.job_id() for job in tk.sis_graph.jobs()))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools" / "local_sisyphus")}
    run = subprocess.run([sys.executable, "-c", code], cwd=base, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return frozenset(run.stdout.split())


def sis(base: Path, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "sis"), *arguments]
    run = subprocess.run(command, cwd=base, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def outdated(base: Path, *options: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools" / "local_sisyphus")}
    command = [sys.executable, "-m", "recipe.graph.outdated", CONFIG, *options]
    return subprocess.run(command, cwd=base, env=environment, capture_output=True, text=True)


def finish_times(base: Path) -> dict[str, int]:
    """By job, without what was moved aside."""
    markers = (base / "work").glob("*/*/*/finished")
    return {
        str(path.parent.relative_to(base)): path.stat().st_mtime_ns for path in markers if ".cleared." not in str(path)
    }


def kinds(jobs) -> dict[str, int]:
    names = [Path(job).name.split(".")[0] for job in jobs]
    return {name: names.count(name) for name in sorted(set(names))}


def intervals(base: Path) -> list[list[float]]:
    found = sorted((base / "output" / "tiny" / "scores").rglob("*.json"))
    return [json.loads(path.read_text())["interval95_percent"] for path in found]


def edit(base: Path, old: str, new: str) -> None:
    text = (base / WER).read_text()
    assert text.count(old) == 1
    (base / WER).write_text(text.replace(old, new))


def scores_of(jobs) -> list[str]:
    """The jobs that compute a WER, of all that are finished: float, PTQ, QAT and two devices, on dev and test."""
    found = sorted(job for job in jobs if "/ScoreJob." in job)
    assert len(found) >= 10
    return found


def told(number: int, of: int) -> str:
    return f"made by other code than the present one: {number} of {of} finished jobs"


def test_every_finished_job_of_a_graph_says_which_modules_made_it(base):
    for job in finish_times(base):
        records = [json.loads(path.read_text())["modules"] for path in (base / job).glob("code.*")]
        modules = set().union(*records)
        own = "/".join(["recipe", *Path(job).parts[1:-1]]) + ".py"
        assert own in modules
        assert all((base / "work" / STORE / f"{one[module]}.py").exists() for one in records for module in one)
        if "ReturnnTrainingJob" in job:  # from the process that RETURNN runs in
            assert {"recipe/models/conformer_network.py", "recipe/training/train_step.py"} <= modules
        if "EmissionsJob" in job:
            assert {"recipe/decoding/forward_step.py", "recipe/decoding/emissions.py"} <= modules


def test_results_of_other_code_are_named_by_job_and_module(base):
    done = finish_times(base)
    manager_run = manager(base)
    assert manager_run.returncode == 0 and "other code" not in manager_run.stdout
    assert finish_times(base) == done

    edit(base, '"""Errors over reference words, in percent.', '"""Errors, in percent.  # of words')
    assert "other code" not in sis(base, "status", CONFIG) + sis(base, "verify", CONFIG)
    assert outdated(base).stdout == "no finished job is outdated\n"

    edit(base, "return 100 *", "return 50 *")
    scores = scores_of(done)
    for text in (sis(base, "status", "-a", CONFIG), sis(base, "verify"), sis(base, "verify", CONFIG)):
        assert (
            told(len(scores), len(done)) in text
            and f"changed since: {WER}" in text
            and f"{len(scores)} x ScoreJob" in text
        )
        assert all(job in text for job in scores)
    brief = manager(base).stdout
    assert told(len(scores), len(done)) in brief and f"changed since: {WER}" in brief and scores[0] not in brief

    assert finish_times(base) == done
    edit(base, "return 50 *", "return 100 *")
    assert "other code" not in sis(base, "status", CONFIG)


def test_a_rerun_makes_those_again_and_what_depends_on_them(base):
    edit(base, "return list(", "return [0.0, 200.0] or list(")
    done = finish_times(base)
    scores = scores_of(done)
    [report] = [job for job in done if "/HtmlReportJob." in job]
    sis(base, "clear", scores[0], report)  # a partial rerun
    assert manager(base).returncode == 0
    page = (base / report / "output" / "report.html").read_text("utf-8")
    assert "Mixed results" in page and f"{len(scores) - 1} by other code" in page
    row = page[page.index(f">{WER}<") :].partition("</tr>")[0]
    assert "<td>ScoreJob</td>" in row and Path(scores[1]).name in row and Path(scores[0]).name not in row

    run = outdated(base)
    assert run.returncode == 1 and scores[1] in run.stdout and scores[0] not in run.stdout
    assert "depending on them: 5 finished jobs" in run.stdout
    run = outdated(base, "--clear")
    assert run.returncode == 0, run.stderr
    second = manager(base)
    assert second.returncode == 0 and "other code" not in second.stdout
    after = finish_times(base)
    again = [job for job in after if after[job] != done[job] and job != scores[0]]
    assert after.keys() == done.keys()
    assert kinds(again) == {
        "CheckWerJob": 1,
        "EnergyPlotJob": 1,
        "HtmlReportJob": 1,
        "ScoreJob": len(scores) - 1,
        "TablesJob": 1,
        "WerPlotJob": 1,
    }
    assert intervals(base) == [[0.0, 200.0]] * len(intervals(base))
    page = (base / report / "output" / "report.html").read_text("utf-8")
    assert "Mixed results" not in page and "by other code" not in page
