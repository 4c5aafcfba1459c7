"""One mutant against the tests of its module, in a copy of the tree and in a process that has the libraries loaded."""

import importlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from operators import Mutant

LEFT_OUT = (".git", "work", "output", "alias", "log", "build", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache")
LIBRARIES = ("pytest", "hypothesis", "numpy", "torch", "torchaudio", "h5py", "matplotlib.pyplot", "returnn.config")
WHOLE_GRAPHS = ("tests/reliability", "tests/test_")
"""Tests that run a whole graph or look at the whole tree: minutes for each mutant, so that they take no part."""


@dataclass(frozen=True)
class Trial:
    """What the tests made of a mutant."""

    outcome: str
    """`killed`, `survived`, `timeout`; `no tests` when there are none, `broken test` when one fails anyway."""
    killed_by: str
    """The test that failed first."""
    seconds: float


def tests_of(root: Path, path: str) -> list[str]:
    """Test files that cover a module: of the folder that mirrors its own, and all that import it, the nearest first."""
    module = Path(path).with_suffix("")
    mirrored = Path("tests") / module.parent
    while not any((root / mirrored).glob("test_*.py")) and mirrored != Path("tests"):
        mirrored = mirrored.parent
    dotted = ".".join(module.parts)
    is_wiring = module.parent == Path("recipe") or module.name.endswith("jobs")
    folders = (mirrored, Path("tests/recipe/graph") if is_wiring else mirrored)
    distance = {}
    for file in sorted((root / "tests").rglob("test_*.py")):
        name = file.relative_to(root)
        if name.as_posix().startswith(WHOLE_GRAPHS):
            continue
        if name.parent == mirrored and name.stem == f"test_{module.name}":
            distance[name.as_posix()] = 0
        elif _imports(file.read_text("utf-8"), dotted):
            distance[name.as_posix()] = 1 if name.parent == mirrored else 2
        elif name.parent in folders:
            distance[name.as_posix()] = 3
    return sorted(distance, key=lambda name: distance[name])


def _imports(source: str, dotted: str) -> bool:
    package, _, name = dotted.rpartition(".")
    from_package = f"from {package} import "
    lines = source.splitlines()
    named = any(line.startswith(from_package) and name in line.removeprefix(from_package).split(", ") for line in lines)
    return named or f"from {dotted} import" in source or f"import {dotted}\n" in source


class Copy:
    """A copy of the tree that one mutant at a time is made in."""

    def __init__(self, tree: Path, folder: Path):
        self.root = folder / "tree"
        self.scratch = folder / "scratch"
        self.sound: set[str] = set()
        """Tests that were seen to pass without a mutant."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tree, self.root, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in ("work", "output", "alias"):
            (self.root / name).mkdir()
        if (tree / ".venv").exists():
            (self.root / ".venv").symlink_to((tree / ".venv").resolve())

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """The copy has the mutant meanwhile."""
        file = self.root / mutant.path
        source = file.read_text("utf-8")
        for cached in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            cached.unlink()
        file.write_text(mutant.applied(source), "utf-8")
        try:
            yield
        finally:
            file.write_text(source, "utf-8")

    def failing(self, tests: Sequence[str], timeout_s: float) -> str | None:
        """The first test that fails, or None. :raises TimeoutError: after this time; nothing then goes on"""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        child = os.fork()
        if child == 0:
            self._run_and_exit(tests)
        try:
            return self._wait(child, timeout_s)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)

    def passes(self, test: str, tests: Sequence[str], timeout_s: float) -> bool:
        """Whether a test passes without a mutant; all tests are tried where it was none that failed."""
        if test not in self.sound and self.failing([test] if test.startswith("tests") else tests, timeout_s) is None:
            self.sound.add(test)
        return test in self.sound

    def _wait(self, child: int, timeout_s: float) -> str | None:
        end = time.monotonic() + timeout_s
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                raise TimeoutError
            time.sleep(0.05)
        if status == 0:
            return None
        told = self.scratch / "failed"
        return told.read_text("utf-8") if told.exists() else "(the process of the tests ended)"

    def _run_and_exit(self, tests: Sequence[str]) -> None:
        """Become the process of the tests; never returns."""
        code = 1
        try:
            os.setsid()
            os.chdir(self.root)
            log = os.open(self.scratch / "log", os.O_WRONLY | os.O_CREAT)
            os.dup2(log, 1)
            os.dup2(log, 2)
            sys.path[0] = str(self.root)
            sys.dont_write_bytecode = True
            pytest = importlib.import_module("pytest")
            options = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={self.scratch / 'tmp'}"]
            code = int(pytest.main([*options, *tests], plugins=[_FirstFailure(self.scratch / "failed")]))
        finally:
            sys.stdout.flush()
            os._exit(code)


class _FirstFailure:
    """A plugin of pytest that writes down what fails first."""

    def __init__(self, file: Path):
        self.file = file

    def _note(self, report) -> None:
        if report.failed and not self.file.exists():
            self.file.write_text(report.nodeid, "utf-8")

    pytest_runtest_logreport = pytest_collectreport = _note


def load_libraries() -> None:
    """Import what most tests need, once for all trials; a library that is not installed is left out."""
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("MPLBACKEND", "Agg")
    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)


@cache
def copy_of_this_process(tree: Path, folder: Path) -> Copy:
    """Made for the first mutant, and kept for the next ones."""
    return Copy(tree, folder / str(os.getpid()))


def attempt(mutant: Mutant, *, tree: Path, folder: Path, timeout_s: float) -> tuple[Mutant, Trial]:
    """Run the tests of a mutant in this process's copy of the tree, below `folder`."""
    copy = copy_of_this_process(tree, folder)
    tests = tests_of(copy.root, mutant.path)
    begin = time.monotonic()
    outcome, failed = _outcome(copy, mutant, tests, timeout_s) if tests else ("no tests", "")
    return mutant, Trial(outcome, failed, time.monotonic() - begin)


def _outcome(copy: Copy, mutant: Mutant, tests: Sequence[str], timeout_s: float) -> tuple[str, str]:
    """What came of it, and the test that failed first."""
    try:
        with copy.holding(mutant):
            failed = copy.failing(tests, timeout_s)
        if failed is None:
            return "survived", ""
        return ("killed" if copy.passes(failed, tests, timeout_s) else "broken test"), failed
    except TimeoutError:
        return "timeout", ""
