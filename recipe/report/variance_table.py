"""What moves each row, and each difference of a claim: utterances, trainings, devices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recipe.report.claims import claims
from recipe.report.results import Result, Results, by_training, wers
from recipe.report.search_error_table import all_rows
from recipe.report.table_entries import data
from recipe.report.text_table import Table
from recipe.report.training_spread import difference_group, difference_name, row_group, row_name
from recipe.scoring.variance import Components, components

NOTES = (
    "Standard deviations in percent points: of the row's mean over sets of as many utterances, of one training, of one "
    "device of a training. Estimated by a nested analysis of variance, less what single utterances contribute; 0 where "
    "the rest is negative. Shares are of the variance of one device of one training on one set of utterances.",
    "A difference pairs its rows by training, and device rows with their own digital model.",
)
ONE_TRAINING = "Rows of one training are not listed: config/training_seeds.py has several of each."


@dataclass(frozen=True)
class Varied:
    """One row, or the difference of two, of several trainings."""

    name: str
    group: str
    part: str
    wer_percent: float
    words: np.ndarray
    """Reference words per utterance, [N]."""
    errors: list[np.ndarray]
    """Of each training, errors per utterance and device, [N, D]; signed for a difference."""


def variance_table(results: Results, setup_name: str) -> Table:
    """Components of variance of all rows and claims of several trainings."""
    rows, records = [], []
    for one in varied(results):
        found = components(one.words, one.errors)
        devices = sum(of.shape[1] for of in one.errors)
        cells = [one.name, one.part, f"{one.wer_percent:.2f}", str(len(one.errors)), str(devices)]
        rows.append([*cells, *_shares(found)])
        record = {"row": one.name, "group": one.group, "part": one.part, "wer_percent": one.wer_percent}
        record |= {"trainings": len(one.errors), "devices": devices}
        stds = {f"{name}_std_percent": _std(getattr(found, name)) for name in ("utterances", "trainings", "devices")}
        records.append(record | stds)
    return Table(
        caption=f"Variance. What moves a word error rate: utterances, trainings, devices; {data(results, setup_name)}",
        header=["row", "part", "% points", "trainings", "systems", "utterances", "trainings ±", "devices ±"],
        rows=rows,
        records=records,
        notes=NOTES if rows else [ONE_TRAINING],
    )


def _std(variance: float | None) -> float | str:
    return "" if variance is None else float(np.sqrt(variance))


def _shares(found: Components) -> list[str]:
    """`0.42 (31 %)` per component; empty where it cannot be estimated."""
    variances = [found.utterances, found.trainings, found.devices]
    whole = sum(variance or 0.0 for variance in variances) or 1.0
    return ["" if v is None else f"{np.sqrt(v):.2f} ({100 * v / whole:.0f} %)" for v in variances]


def varied(results: Results) -> Iterator[Varied]:
    """Rows of several trainings by part, then the claims whose two sides have the same several trainings."""
    for part in results.parts:
        for row in all_rows(results, part):
            if len(by_training(row)) > 1:
                name, group = row_name(row[0]), row_group(row[0])
                errors = [_errors(of_training) for of_training in by_training(row)]
                yield Varied(name, group, part, float(wers(row).mean()), row[0].words, errors)
    for claim in claims(results):
        for part in results.parts:
            yield from _difference(claim.worse(part), claim.better(part))


def _difference(worse: Sequence[Result], better: Sequence[Result]) -> Iterator[Varied]:
    left, right = by_training(worse), by_training(better)
    seeds = [[of_training[0].training_seed for of_training in side] for side in (left, right)]
    if seeds[0] != seeds[1] or len(left) < 2:
        return
    yield Varied(
        difference_name(worse[0], better[0]),
        difference_group(worse[0], better[0]),
        worse[0].part,
        float(wers(worse).mean() - wers(better).mean()),
        worse[0].words,
        [_gaps(a, b) for a, b in zip(left, right, strict=True)],
    )


def _gaps(worse: Sequence[Result], better: Sequence[Result]) -> np.ndarray:
    """Signed errors of one training, [N, D]: against the same device, else against the mean of the other side."""
    left, right = _errors(worse), _errors(better)
    if [one.system for one in worse] == [one.system for one in better]:
        return left - right
    return left - right.mean(axis=1, keepdims=True)


def _errors(row: Sequence[Result]) -> np.ndarray:
    return np.column_stack([one.errors for one in row])
