"""Which finished jobs of a graph are outdated: `python -m recipe.graph.outdated config/mini.py [--clear]`.

A job is outdated if other code made it than the present one (`recipe.code_changes`), or if it depends on such a job.
With --clear their directories are moved aside, to `<directory>.cleared.NNNN`, so that the next manager of either engine
makes them again; `make rerun` does both.
"""

import argparse
import fcntl
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sisyphus import Job, tk

from recipe.code_changes import PresentCode, described
from recipe.errors import InputError
from recipe.graph.entry_point import experiment_of
from recipe.graph.made_from import recalled_config
from recipe.job import RecipeJob


def changes(jobs: Iterable[Job], present: PresentCode) -> dict[Job, tuple[str, ...] | None]:
    """The finished ones of some jobs, by id, each with the modules that are other code now; None without a record."""
    ordered = sorted(jobs, key=lambda job: job.job_id())
    return {job: present.changed_since(Path(job._sis_path())) for job in ordered if job._sis_finished()}


def dependents(changed: Mapping[Job, tuple[str, ...] | None], jobs: Iterable[Job]) -> list[Job]:
    """The finished jobs that other code did not make itself, but that depend on such a job.

    :param changed: what `changes` returns
    :param jobs: of the whole graph
    """
    reached = _with_users([job for job, modules in changed.items() if modules], jobs)
    return [job for job, modules in changed.items() if not modules and job in reached]


def _with_users(start: Sequence[Job], jobs: Iterable[Job]) -> set[Job]:
    """The jobs of `start` and all that depend on them."""
    users: dict[Job, list[Job]] = defaultdict(list)
    for job in jobs:
        inputs = job.deciding_inputs() if isinstance(job, RecipeJob) else job._sis_inputs
        for creator in {path.creator for path in inputs}:
            users[creator].append(job)
    reached, waiting = set(start), list(start)
    while waiting:
        new = set(users[waiting.pop()]) - reached
        reached |= new
        waiting += new
    return reached


def report(changed: Mapping[Job, tuple[str, ...] | None], dependent: Sequence[Job]) -> Iterator[str]:
    """The lines that the command prints."""
    yield from described({job._sis_path(): modules for job, modules in changed.items()})
    if dependent:
        yield f"depending on them: {len(dependent)} finished jobs"
        yield from (f"      {job._sis_path()}" for job in dependent)


def clear(jobs: Iterable[Job], lock_file: Path) -> Iterator[str]:
    """Move the directories of the jobs aside; a line for each.

    :param lock_file: which the bundled engine locks while a manager runs
    :raises InputError: when a manager runs, or the file cannot be opened
    """
    try:
        lock = open(lock_file, "a", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{lock_file} cannot be opened ({error.strerror}); make {lock_file.parent} writable") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"a manager runs ({lock_file} is locked); stop it, then clear outdated jobs") from None
        for job in jobs:
            yield _move_aside(Path(job._sis_path()))


def _move_aside(folder: Path) -> str:
    number = 1
    while (aside := folder.with_name(f"{folder.name}.cleared.{number:04d}")).exists() or aside.is_symlink():
        number += 1
    folder.rename(aside)
    return f"cleared: {folder} -> {aside.name}"


def main(values: Sequence[str]) -> int:
    """Print what is outdated and, with --clear, move it aside; 1 if there is anything that was left in place."""
    parser = argparse.ArgumentParser(prog="python -m recipe.graph.outdated", description=__doc__)
    parser.add_argument("config", help="a graph, such as config/mini.py")
    parser.add_argument("--clear", action="store_true", help="move the directories of outdated jobs aside")
    options = parser.parse_args(values)
    try:
        experiment_of(recalled_config(options.config))
        jobs = list(tk.sis_graph.jobs())
        changed = changes(jobs, PresentCode())
        dependent = dependents(changed, jobs)
        outdated = [*dependent, *(job for job, modules in changed.items() if modules)]
        print("\n".join(report(changed, dependent)) or "no finished job is outdated", flush=True)
        for line in clear(outdated, Path("work", ".manager.lock")) if options.clear and outdated else ():
            print(line)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if outdated and not options.clear else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
