"""Records of the jobs that a report depends on: ids, aliases, seeds, run times, as the engine noted them."""

import ast
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from recipe.code_changes import PresentCode

SEED = re.compile(r"\b(\w*seed)(?:: |=)(\d+)")  # an argument of its own, or a field of a configuration
SHOWN_SEEDS = 3


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """One finished job."""

    job_id: str
    alias: str
    seeds: tuple[tuple[str, int], ...]
    """Names and values of the seeds in its arguments, also within configurations."""
    used_h: float
    """Wall time of all its tasks in hours."""
    memory_gb: float
    """The largest resident set of a task."""
    cpu_h: float | None = None
    """User and system time of all its tasks in hours; None if the engine did not note it."""
    changed_modules: tuple[str, ...] | None = None
    """Modules that made it and were other code when the record was read; None if it has no record of its code."""

    @property
    def stage(self) -> str:
        """`report` of `report/jobs/TablesJob.4Hx...`."""
        return self.job_id.split("/", 1)[0]

    @property
    def seeds_text(self) -> str:
        """The first few, as in `device_seed 3, seed 42`."""
        shown = [f"{name} {value}" for name, value in self.seeds[:SHOWN_SEEDS]]
        return ", ".join(shown + ["..."] * (len(self.seeds) > SHOWN_SEEDS))

    @property
    def kind(self) -> str:
        """`TablesJob` of `report/jobs/TablesJob.4Hx...`."""
        return self.job_id.rsplit("/", 1)[-1].split(".")[0]


def ancestors(job_dir: Path, job_id: str) -> list[JobRecord]:
    """The jobs that a job depends on, directly or not, sorted by id; those whose directory is gone are left out.

    :param job_dir: directory of the job in the work directory
    :param job_id: its id; the rest of the path is the work directory
    """
    root = job_dir.resolve().parents[job_id.count("/")]  # the work directory may be a link
    present, found = PresentCode(), {}
    waiting = _creators(job_dir)
    while waiting:
        directory = waiting.pop()
        if directory not in found and (directory / "info").exists():
            found[directory] = _record(directory, root, present)
            waiting += _creators(directory)
    return sorted(found.values(), key=lambda record: record.job_id)


def _creators(job_dir: Path) -> list[Path]:
    inputs = [line.removeprefix("INPUT: ") for line in _info(job_dir) if line.startswith("INPUT: ")]
    return sorted({Path(path.rpartition("/output/")[0]).resolve() for path in inputs if "/output/" in path})


def _info(job_dir: Path) -> list[str]:
    return (job_dir / "info").read_text(encoding="utf-8").splitlines()


def _record(job_dir: Path, root: Path, present: PresentCode) -> JobRecord:
    info = _info(job_dir)
    parameters = [line for line in info if line.startswith("PARAMETER: ")]
    seeds = dict.fromkeys((name, int(value)) for line in parameters for name, value in SEED.findall(line))
    usages = [usage for text in _usages(job_dir) if (usage := _usage(text)) is not None]
    return JobRecord(
        job_id=str(job_dir.relative_to(root)) if job_dir.is_relative_to(root) else job_dir.name,
        alias=next((line.removeprefix("ALIAS: ") for line in info if line.startswith("ALIAS: ")), ""),
        seeds=tuple(seeds),
        used_h=sum(usage.get("used_time", 0.0) for usage in usages),
        memory_gb=max((usage.get("max", {}).get("rss", 0.0) for usage in usages), default=0.0),
        cpu_h=sum(usage["cpu_time"] for usage in usages) if all("cpu_time" in usage for usage in usages) else None,
        changed_modules=present.changed_since(job_dir),
    )


def _usage(text: str) -> dict | None:
    """What a task used; None where its worker was killed while it wrote the file, as real Sisyphus does in place."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return None


def _usages(job_dir: Path) -> list[str]:
    """Texts of usage.<task>.<id>, also where the engine has packed a finished job; none that was being written."""
    packed = job_dir / "finished.tar.gz"
    if not packed.exists():
        return [path.read_text(encoding="utf-8") for path in sorted(job_dir.glob("usage.*")) if _is_whole(path.name)]
    with tarfile.open(packed) as archive:
        names = sorted(name for name in archive.getnames() if Path(name).match("usage.*") and _is_whole(name))
        files = [archive.extractfile(name) for name in names]
        return [file.read().decode() for file in files if file is not None]


def _is_whole(name: str) -> bool:
    return not name.endswith(".part")  # what a killed worker of the bundled engine leaves
