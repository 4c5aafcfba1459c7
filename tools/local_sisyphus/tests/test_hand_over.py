"""Two engines on one work directory. Runs where REAL_SISYPHUS names a checkout of the real Sisyphus."""

import os
import re
import subprocess
import sys

import pytest

REAL = os.environ.get("REAL_SISYPHUS")
pytestmark = pytest.mark.skipif(not REAL, reason="REAL_SISYPHUS names no checkout of the real Sisyphus")


def run_real(project, config):
    """Run the real manager; the tests judge by what lies in the directory, as it always exits with 0."""
    stub = project.folder / "better_exchook.py"  # wanted by the real engine for tracebacks, not needed here
    stub.write_text("def __getattr__(name):\n    return lambda *args, **kwargs: None\n")
    (project.folder / "work").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "sisyphus", "manager", "-r", "-io", config],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": f"{REAL}:{project.folder}"},
        input="c\n",
        capture_output=True,
        text=True,
        timeout=120,
    )


def run_bundled(project, config):
    return project.sis("manager", "-r", "-io", config)


def tree(project) -> dict[str, str]:
    """Every file below work, alias and output with what a link points to, apart from the folder's own name.

    Left out is what only the bundled engine writes, and the real one does not mind.
    """
    names = {}
    for top in ("work", "alias", "output"):
        for folder, folders, files in os.walk(project.folder / top):
            for name in folders + files:
                path = os.path.join(folder, name)
                target = os.readlink(path) if os.path.islink(path) else ""
                names[os.path.relpath(path, project.folder)] = target.replace(str(project.folder), "BASE")
    return {name: target for name, target in names.items() if not name.endswith(("/.manager.lock", "/manifest"))}


ENGINES = [
    pytest.param(run_real, run_bundled, id="real first"),
    pytest.param(run_bundled, run_real, id="bundled first"),
]


@pytest.mark.parametrize("first, second", ENGINES)
def test_either_engine_continues_the_other(project, first, second):
    (project.folder / "broken").touch()
    first(project, "config/graphs.whole")
    failed = sorted((project.folder / "work/demo").glob("*/error.piece.*"))
    assert [marker.name for marker in failed] == ["error.piece.2", "error.piece.3"]
    (project.folder / "broken").unlink()
    for marker in failed:
        marker.unlink()
        (marker.parent / marker.name.replace("error", "log")).unlink()
    result = second(project, "config/graphs.whole")
    # every job appends to its output: a second run of a finished task would show
    assert project.text("output/joined/first.txt") == "a bb c 1 2 1\n", result.stdout + result.stderr
    assert project.text("output/joined/second.txt") == "a bb c 1 2 1 a\n"
    assert [project.text(f"output/c/pieces/{number}") for number in range(3)] == ["0\n", "1\n", "2\n"]
    verified = project.sis("verify")
    with_manifest = len(list(project.folder.glob("work/demo/*/manifest")))
    assert verified.returncode == 0 and 0 < with_manifest < 5
    assert f"{5 - with_manifest} of them have no manifest and were not checked" in verified.stdout


def test_both_engines_leave_the_same_tree(project, tmp_path):
    other = type(project)(tmp_path / "another project")
    run_real(other, "config/graphs.whole")
    run_bundled(project, "config/graphs.whole")
    assert tree(project) == tree(other)
    for job in project.jobs():
        theirs = other.folder / "work/demo" / job.name
        assert (job / "info").read_text() == (theirs / "info").read_text().replace(
            str(other.folder), str(project.folder)
        )
        for log in job.glob("submit_log.*"):
            numbers = re.sub(r"\.0\b", "", (theirs / log.name).read_text())
            assert re.sub(r"\.0\b", "", log.read_text()) == numbers


def test_errors_are_known_to_both(project):
    config = "config.graphs.fails('input', 'third time')"
    run_bundled(project, config)
    assert project.text("output/failures/third time") == "at last\n"
    result = run_real(project, config)
    assert "error(1)" in result.stdout + result.stderr, result.stdout + result.stderr


def test_a_grown_graph_keeps_its_ids(project):
    run_real(project, "config/graphs.grows")
    result = run_bundled(project, "config/graphs.grows")
    assert result.returncode == 0 and "started" not in result.stdout
