"""Code of other projects on this engine: the real engine's own tests, i6_core's tests, and a graph of its jobs.

Runs where REAL_SISYPHUS and I6_CORE name checkouts of rwth-i6/sisyphus and rwth-i6/i6_core. FOREIGN_PYTHON may name an
interpreter that has the packages which the two require (default: the one that runs the tests). What the real engine
cannot do in that environment either, for want of a package or program, does not count.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUNDLED = HERE.parent
REAL = os.environ.get("REAL_SISYPHUS")
I6_CORE = os.environ.get("I6_CORE")
PYTHON = os.environ.get("FOREIGN_PYTHON", sys.executable)
PATIENCE_S = 600

needs_real = pytest.mark.skipif(not REAL, reason="REAL_SISYPHUS names no checkout of the real Sisyphus")
needs_i6_core = pytest.mark.skipif(not I6_CORE, reason="I6_CORE names no checkout of i6_core")

KNOWN_DIFFERENCES = {
    "tests/delayed_ops_unittest.py::DelayedOpsTest::test_assertions": "a lambda is refused by ValueError",
    "tests/hash_unittest.py::HashTest::test_get_object_state": "a lambda is refused by ValueError",
    "tests/graph_unittest.py::GraphTest::test_jobs": "methods of the graph that recipes do not call",
    "tests/graph_unittest.py::GraphTest::test_sort": "methods of the graph that recipes do not call",
    "tests/job_unittest.py::JobTest::test_run": "methods of jobs and tasks that only a manager calls",
    "tests/settings_loader_unittest.py::SettingsTest::test_load_settings_from_env": "functions of the settings module",
    "tests/settings_loader_unittest.py::SettingsTest::test_load_settings_from_file": "functions of the settings module",
    "tests/tools_unittest.py::FunctionCache::test_f": "a helper that recipes do not use",
    "tests/tools_unittest.py::HardCopy::test_copy": "a helper that recipes do not use",
}


def run(engine, *command: str, cwd: Path, answers: str = "") -> str:
    """The output of a Python command that imports the given engine."""
    paths = [str(engine), str(cwd), str(cwd / "recipe"), str(HERE / "foreign")]
    result = subprocess.run(
        [PYTHON, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        input=answers,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
    )
    return result.stdout


def results_of_suite(engine, *arguments: str, cwd: Path) -> tuple[int, set[str]]:
    """How many tests of a suite pass, and the names of those that do not (of files that cannot be imported, theirs)."""
    options = ["-q", "-rfE", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    output = run(engine, "-m", "pytest", *options, *arguments, cwd=cwd)
    failed = set(re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE))
    passed = re.search(r"(\d+) passed", output)
    assert passed, output
    return int(passed[1]), failed


@needs_real
def test_the_suite_of_the_real_engine(tmp_path):
    shutil.copytree(Path(REAL) / "tests", tmp_path / "tests")
    files = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.glob("tests/*_unittest.py"))
    passed, failed = results_of_suite(BUNDLED, "-p", "scaffold", *files, cwd=tmp_path)
    assert failed <= set(KNOWN_DIFFERENCES)
    assert passed >= 29


@pytest.fixture
def foreign(tmp_path):
    """Makes a base directory whose recipe folder holds i6_core."""

    def make(name: str) -> Path:
        folder = shutil.copytree(HERE / "foreign", tmp_path / name)
        (folder / "recipe").mkdir()
        (folder / "recipe" / "i6_core").symlink_to(Path(I6_CORE).resolve())
        stub = folder / "better_exchook.py"  # wanted by the real engine for tracebacks, not needed here
        stub.write_text("def __getattr__(name):\n    return lambda *args, **kwargs: None\n")
        (folder / "work").mkdir()
        return folder

    return make


def failed_imports(engine, folder: Path) -> tuple[int, dict[str, str]]:
    """How many modules i6_core has, and those that cannot be imported with their errors."""
    lines = run(engine, "imports.py", str(folder / "recipe" / "i6_core"), cwd=folder).splitlines()
    errors = dict(line.split("\t", 1) for line in lines if line.startswith("i6_core") and "\t" in line)
    return len(errors), {name: error for name, error in errors.items() if error}


@needs_i6_core
def test_every_module_of_i6_core_imports_for_want_of_nothing_here(foreign):
    folder = foreign("imports")
    modules, failed = failed_imports(BUNDLED, folder)
    assert modules > 150
    assert not [error for error in failed.values() if "sisyphus" in error or "No module named" not in error]


@needs_real
@needs_i6_core
def test_what_imports_on_the_real_engine_imports_here(foreign):
    folder = foreign("imports")
    assert set(failed_imports(BUNDLED, folder)[1]) <= set(failed_imports(REAL, folder)[1])


@needs_real
@needs_i6_core
def test_what_passes_of_i6_cores_suite_on_the_real_engine_passes_here(foreign):
    recipe = foreign("suite") / "recipe"
    passed, failed = results_of_suite(BUNDLED, "i6_core/tests", cwd=recipe)
    passed_there, failed_there = results_of_suite(REAL, "i6_core/tests", cwd=recipe)
    assert failed <= failed_there
    assert passed >= passed_there > 30


def ids(engine, folder: Path) -> list[str]:
    return [line for line in run(engine, "ids.py", cwd=folder).splitlines() if line.startswith("i6_core/")]


STORED_IDS = (HERE / "foreign" / "ids.txt").read_text().split()


@needs_i6_core
def test_jobs_of_i6_core_keep_the_ids_that_the_real_engine_gave_them(foreign):
    assert ids(BUNDLED, foreign("ids")) == STORED_IDS and len(STORED_IDS) > 20


def outputs(engine, folder: Path) -> dict[str, str]:
    """The contents of all outputs after a run of the manager, without the folder's own name."""
    log = run(engine, "-m", "sisyphus", "manager", "-r", "-io", "config/graph.graph", cwd=folder, answers="c\n")
    contents = {}
    for output in sorted((folder / "output").glob("*")):
        content = output.read_bytes()
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        contents[output.name] = content.decode("latin-1").replace(str(folder), "BASE")
    assert len(contents) > 30, log
    return contents


@needs_real
@needs_i6_core
def test_a_graph_of_i6_core_gives_the_same_ids_and_outputs_on_both_engines(foreign):
    ours, theirs = foreign("ours"), foreign("theirs")
    assert ids(REAL, theirs) == STORED_IDS
    assert outputs(BUNDLED, ours) == outputs(REAL, theirs)
