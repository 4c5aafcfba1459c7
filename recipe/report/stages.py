"""Where the run time went, and which seeds were used: summaries of the jobs that a report depends on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from recipe.report import numbers
from recipe.report.job_records import JobRecord
from recipe.report.text_table import Table

# In the order of the data; a stage that is not listed comes last.
ORDER = (
    "corpus",
    "lexicon",
    "corpus_report",
    "lm",
    "features",
    "training",
    "quantization",
    "hardware",
    "decoding",
    "scoring",
    "report",
)
TIME_NOTE = (
    "Run time is wall time inside the tasks, summed over jobs: jobs that ran side by side count each in full, waiting "
    "does not. CPU time is user and system time, left out where the engine does not note it; of a task that was "
    "interrupted only its last run counts."
)
DRAWN_BY = {
    "GenerateMiniCorpusJob": "corpus",
    "SampleSegmentsJob": "sample of dev that training watches",
    "ReturnnTrainingJob": "training: initial weights, order, dropout",
    "CalibrateJob": "calibration sample",
    "ProgramDeviceJob": "devices",
    "CalibrateDeviceJob": "audio that devices are calibrated on, read noise meanwhile",
    "CellTransferJob": "cells of Table 1",
    "EnergyJob": "utterances that energy is measured on, read noise",
    "EmissionsJob": "read noise (0 without hardware)",
    "TablesJob": "bootstrap",
}


@dataclass(frozen=True, kw_only=True)
class JobClass:
    """All jobs of one class."""

    name: str
    stage: str
    jobs: Sequence[JobRecord]
    used_h: float
    """Run time of all in hours."""
    share: float
    """Of the run time of the whole graph, 0 to 1."""

    @property
    def memory_gb(self) -> float:
        """The largest resident set of any of them, in GB."""
        return max(job.memory_gb for job in self.jobs)


def job_classes(jobs: Sequence[JobRecord]) -> list[JobClass]:
    """By stage in the order of the data, then the most expensive first."""
    by_class = defaultdict(list)
    for job in jobs:
        by_class[job.stage, job.kind].append(job)
    whole_h = sum(job.used_h for job in jobs) or 1.0
    found = []
    for (stage, name), members in by_class.items():
        used_h = sum(job.used_h for job in members)
        found.append(JobClass(name=name, stage=stage, jobs=members, used_h=used_h, share=used_h / whole_h))
    place = {stage: i for i, stage in enumerate(ORDER)}
    return sorted(found, key=lambda one: (place.get(one.stage, len(ORDER)), one.stage, -one.used_h, one.name))


def cpu_h(jobs: Sequence[JobRecord]) -> float | None:
    """CPU time of all jobs in hours, as far as it is known; None if it is known of none."""
    times = [job.cpu_h for job in jobs if job.cpu_h is not None]
    return sum(times) if times else None


def cpu_text(jobs: Sequence[JobRecord]) -> str:
    """CPU time in seconds, `≥ 900` if it is not known of all jobs."""
    used_h = cpu_h(jobs)
    if used_h is None:
        return ""
    bound = "≥ " if any(job.cpu_h is None for job in jobs) else ""
    return f"{bound}{3600 * used_h:,.0f}"


def by_stage(jobs: Sequence[JobRecord]) -> dict[str, list[JobClass]]:
    """Job classes by stage, in the order of the data."""
    stages = defaultdict(list)
    for one in job_classes(jobs):
        stages[one.stage].append(one)
    return dict(stages)


def stages_table(jobs: Sequence[JobRecord]) -> Table:
    """Run time and CPU time per job class, in seconds."""

    def cells(jobs: Sequence[JobRecord], used_h: float) -> list[str]:
        return [f"{len(jobs):,}", f"{3600 * used_h:,.0f}", cpu_text(jobs)]

    rows = [
        [c.stage, c.name, *cells(c.jobs, c.used_h), f"{100 * c.share:.1f} %", f"{c.memory_gb:.1f}"]
        for c in job_classes(jobs)
    ]
    total_h = sum(job.used_h for job in jobs)
    rows.append(["all", "", *cells(jobs, total_h), "100.0 %", ""])
    return Table(
        caption=f"Stages. Run and CPU seconds of the jobs behind the report; {numbers.duration(total_h)} of run time",
        header=["stage", "kind of job", "jobs", "run time", "CPU time", "share of run time", "largest memory in GB"],
        rows=rows,
        notes=[TIME_NOTE],
    )


def code_table(jobs: Sequence[JobRecord]) -> list[tuple[str, str, list[str]]]:
    """Results of other code than the present one: the modules that changed, the job class, the ids of its jobs."""
    found = defaultdict(list)
    for job in jobs:
        if job.changed_modules:
            found[", ".join(job.changed_modules), job.kind].append(job.job_id)
    return [(modules, kind, ids) for (modules, kind), ids in sorted(found.items())]


def code_note(jobs: Sequence[JobRecord]) -> str:
    """Of how many jobs the code is the present one, another, unknown."""
    other = sum(bool(job.changed_modules) for job in jobs)
    unknown = sum(job.changed_modules is None for job in jobs)
    parts = [f"{len(jobs) - other - unknown:,} of {len(jobs):,} jobs were made by the code that made this report"]
    parts += [f"{other:,} by other code"] if other else []
    parts += [f"{unknown:,} have no record of their code"] if unknown else []
    return ", ".join(parts) + "."


def seeds_table(jobs: Sequence[JobRecord]) -> list[tuple[str, str, str, str]]:
    """What was drawn, by which job class, the name of the seed, its values."""
    found = defaultdict(set)
    for job in jobs:
        for name, value in job.seeds:
            found[job.kind, name].add(value)
    return [
        (DRAWN_BY.get(kind, ""), kind, name, _values(sorted(values)))
        for (kind, name), values in sorted(found.items(), key=lambda item: _seed_order(item[0]))
    ]


def _seed_order(key: tuple[str, str]) -> tuple:
    kind, name = key
    listed = list(DRAWN_BY)
    return (listed.index(kind) if kind in listed else len(listed), kind, name)


def _values(values: Sequence[int]) -> str:
    """`1 to 10` where nothing is left out, else a list."""
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]} to {values[-1]}"
    return ", ".join(map(str, values))
