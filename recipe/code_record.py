"""Which code made a job: each task notes the project's own modules that it imported, and the digests of their sources.

In the directory of a job, `code.<12 hex>` is JSON: `{"modules": {"recipe/scoring/wer.py": "<SHA-256 of the source>"}}`,
named by the digest of its own content. Tasks that ran the same code share one file, and a job whose tasks ran
different code has several; what counts is the union. C sources beside an imported module count as imported. The
sources themselves lie once each in `work/.code_of_jobs/` (STORE), so that `recipe.code_changes` can see whether an edit
changed more than comments.

A digest is that of the source when the task started: an edit while it runs is not taken for what it ran. A record is
written when a task's method has returned, by renaming, before the engine marks the task as finished; a task that
failed or was killed leaves none. Nothing here enters a job id or depends on the engine.
"""

import contextlib
import functools
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import recipe

PACKAGES = ("recipe", "memristor_sim", "setups", "config")
PREFIX = "code."
NATIVE = ".c"
STORE = ".code_of_jobs"
FOLDER_VARIABLE = "RECIPE_CODE_RECORDS"
"""In the environment of a subprocess: the folder where it leaves its record for the task that started it."""


def checkout() -> Path:
    """The folder that holds the packages of this process."""
    return Path(recipe.__file__).parents[1]


def read_sources() -> dict[str, bytes]:
    """The present sources of all PACKAGES by path below the checkout, such as `recipe/job.py`."""
    root = f"{checkout()}/"
    found = {}
    for path in (path for package in PACKAGES for path in _modules(root + package)):
        with contextlib.suppress(OSError), open(path, "rb") as file:  # an editor's scratch file may be gone by now
            found[path[len(root) :]] = file.read()
    return found


def _modules(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _modules(entry.path)
            elif entry.name.endswith((".py", NATIVE)):
                yield entry.path


def imported_paths() -> Iterator[str]:
    """The paths of those modules of PACKAGES that this process has imported."""
    root = f"{checkout()}/"
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name.partition(".")[0] in PACKAGES and file.startswith(root):
            yield file[len(root) :]


def write_record(folder: Path, sources: Mapping[str, bytes]) -> None:
    """Note in `folder` which modules this process has imported, and keep their sources in the store above it.

    :param sources: as `read_sources` returned them when the task started
    """
    imported = {path for path in imported_paths() if path in sources}
    folders = {os.path.dirname(path) for path in imported}
    imported |= {path for path in sources if path.endswith(NATIVE) and os.path.dirname(path) in folders}
    digests = {path: hashlib.sha256(sources[path]).hexdigest() for path in sorted(imported)}
    store = find_store(folder)
    for path, digest in digests.items():
        if store is not None and not (store / f"{digest}.py").exists():
            _write(store / f"{digest}.py", sources[path])
    _write_named(folder, json.dumps({"modules": digests}, indent=0).encode())


def find_store(folder: Path) -> Path | None:
    """The store of the work directory that `folder` lies in; None if it has none yet."""
    return next((parent / STORE for parent in folder.absolute().parents if (parent / STORE).is_dir()), None)


def forget_records(folder: Path) -> None:
    """Remove the records in `folder`: nothing that they speak of is left."""
    for path in folder.glob(f"{PREFIX}*"):
        path.unlink(missing_ok=True)


def recording(tasks: Callable) -> Callable:
    """The method `tasks` of a job class, such that the methods that its tasks name leave a record.

    A worker of any engine asks a job for its tasks before it runs one of them.
    """

    @functools.wraps(tasks)
    def with_records(job):
        for task in tasks(job):
            method = getattr(type(job), task.name())
            if not hasattr(method, "leaves_record"):
                setattr(type(job), task.name(), _recorded(method))
            yield task

    return with_records


def _recorded(method: Callable) -> Callable:
    @functools.wraps(method)
    def call(job, *args, **kwargs):
        work = Path.cwd()
        if work.name != "work" or not work.parent.as_posix().endswith(f"/{job.job_id()}"):
            return method(job, *args, **kwargs)  # called by hand, not by a worker
        (work.parent.parents[job.job_id().count("/")] / STORE).mkdir(exist_ok=True)
        sources = read_sources()
        result = method(job, *args, **kwargs)
        for path in work.glob(f"{PREFIX}*"):
            _write_named(work.parent, path.read_bytes())
        write_record(work.parent, sources)
        return result

    call.leaves_record = True  # type: ignore[attr-defined]
    return call


def recorded_in_subprocess(step: Callable) -> Callable:
    """A function that a subprocess of a task calls again and again, such that its first return leaves a record.

    By then everything is imported. Where FOLDER_VARIABLE is not set, nothing is written.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return step
    sources = read_sources()

    @functools.wraps(step)
    def call(*args, **kwargs):
        result = step(*args, **kwargs)
        if sources:
            write_record(Path(folder), sources)
            sources.clear()
        return result

    return call


def _write_named(folder: Path, content: bytes) -> None:
    path = folder / f"{PREFIX}{hashlib.sha256(content).hexdigest()[:12]}"
    if not path.exists():
        _write(path, content)


def _write(path: Path, content: bytes) -> None:
    scratch = path.with_name(f".part-{os.getpid()}-{path.name}")
    scratch.write_bytes(content)
    os.replace(scratch, path)
