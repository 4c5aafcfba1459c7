"""What a graph would take: `make plan CONFIG=config/tedlium2.py`. Nothing is computed or downloaded."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sisyphus import Job, tk

from recipe.corpus.recognised import VARIABLES
from recipe.errors import InputError
from recipe.graph.entry_point import experiments_of
from recipe.graph.experiment import Experiment
from recipe.graph.made_from import recalled_config
from recipe.job import RecipeJob
from recipe.report.numbers import counted
from recipe.training.jobs import ReturnnTrainingJob

COLUMNS = ("jobs", "tasks", "cpu", "mem GB", "gpu", "asked h", "estimated h")


@dataclass(kw_only=True)
class Kind:
    """The tasks of one name of all jobs of one class."""

    jobs: int = 0
    tasks: int = 0
    rqmts: list[dict] = field(default_factory=list)
    estimated_h: float | None = None

    def largest(self, name: str) -> float:
        """The largest requirement of any of them; in a cluster's queue it is what counts."""
        return max(float(rqmt.get(name, 0)) for rqmt in self.rqmts)

    def cells(self) -> list[str]:
        asked = [f"{self.largest(name):g}" for name in ("cpu", "mem", "gpu", "time")]
        estimated = "short" if self.estimated_h is None else f"{self.estimated_h:.3g}"
        return [str(self.jobs), str(self.tasks), *asked, estimated]


def kinds_of(jobs: Iterable[RecipeJob], experiments: Sequence[Experiment]) -> dict[str, Kind]:
    """By class and task, in the order of the graph; the estimate of a job goes to its first task."""
    audio_h = {job: hours for one in experiments for job, hours in one.audio_h.items()}
    rates = {job: one.setup.rates for one in experiments for job in one.audio_h}
    kinds: dict[str, Kind] = defaultdict(Kind)
    for job in jobs:
        for number, task in enumerate(job.planned_tasks()):
            kind = kinds[f"{type(job).__name__}.{task.name()}"]
            kind.jobs += 1
            kind.tasks += len(task.task_ids())
            kind.rqmts.append(task.rqmt())
            of_job = rates.get(job, experiments[-1].setup.rates)
            hours = job.estimated_hours(of_job, audio_h.get(job, 0.0)) if number == 0 else None
            if hours is not None:
                kind.estimated_h = hours + (kind.estimated_h or 0.0)
    return dict(kinds)


def report(jobs: Sequence[RecipeJob], experiments: Sequence[Experiment]) -> Iterator[str]:
    """The lines of the plan.

    :param experiments: those that the jobs are of, one per setup
    """
    kinds = kinds_of(jobs, experiments)
    rows = [["job.task", *COLUMNS], *([name, *kind.cells()] for name, kind in kinds.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
    on_gpu = sum(kind.estimated_h or 0.0 for kind in kinds.values() if kind.largest("gpu"))
    on_cpu = sum(kind.estimated_h or 0.0 for kind in kinds.values() if not kind.largest("gpu"))
    yield ""
    yield f"{counted(len(jobs), 'job')}; about {on_gpu:.3g} hours of GPU tasks and {on_cpu:.3g} hours of CPU tasks."
    yield "Rows take the largest request of their tasks; estimates are sums over tasks (docs/scale.md)."
    yield from _trainings(jobs, {job: hours for one in experiments for job, hours in one.audio_h.items()})
    yield from dict.fromkeys(note for one in experiments for note in one.setup.corpus.plan_notes())


def _trainings(jobs: Iterable[Job], audio_h: Mapping[Job, float]) -> Iterator[str]:
    """How long trainings are, those of one length together."""
    names: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        if isinstance(job, ReturnnTrainingJob):
            names[_length(job, audio_h[job])].append(job.name)
    for length, alike in names.items():
        others = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        yield f"{alike[0]}{others}: {length}."


def _length(job: ReturnnTrainingJob, audio_h: float) -> str:
    training, updates = job.training, job.training.updates(audio_h, job.num_processes)
    return (
        f"{training.schedule.num_sub_epochs} sub-epochs, {training.passes:.3g} passes over {audio_h:.3g} hours of "
        f"speech, at least {updates:,.0f} updates"
    )


def main(config: str) -> int:
    """Print the plan; 1 when the corpus that the environment names cannot be used, and the plan is that without it."""
    named = [name for name in VARIABLES if os.environ.get(name)]
    try:
        config = recalled_config(config)
        experiments = experiments_of(config)
    except InputError as error:
        without = named and _is_planned_without(named, config)
        kept = f"\n{' and '.join(named)} cannot be used, so that this is the plan without it: " if without else ""
        print(f"{kept}{error}", file=sys.stderr)
        return 1
    print("\n".join(report([job for job in tk.sis_graph.jobs() if isinstance(job, RecipeJob)], experiments)))
    return 0


def _is_planned_without(named: Sequence[str], config: str) -> bool:
    """Whether the plan without these variables was printed, by a process whose graph begins empty."""
    environment = {**os.environ, **dict.fromkeys(named, "")}
    command = [sys.executable, "-m", "recipe.graph.plan", config]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
