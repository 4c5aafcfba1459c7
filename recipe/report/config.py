"""What a report is made of: systems with the artefacts of their scoring."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sisyphus import tk

from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec
from recipe.systems import Memristor, System

PARTS = ("dev", "test")
SCALES = ("tuned", "fixed")


@dataclass(frozen=True, kw_only=True)
class ScoredSystem:
    """One system, recognised and scored on one part of the corpus.

    :param part: `dev` or `test`
    :param scales: `tuned` (LM and prior scale searched on dev) or `fixed` (as the paper's memristor rows)
    :param score: score.json of the scoring job
    :param utterances: utterances.tsv of the same job: id, words, ins, del, sub per line
    :param lm_scale: the LM scale of the search, or the Variable that will hold it
    :param prior_scale: the prior scale, likewise
    """

    system: System
    part: str
    scales: str
    score: tk.Path
    utterances: tk.Path
    lm_scale: float | tk.Variable
    prior_scale: float | tk.Variable

    def __post_init__(self):
        if self.part not in PARTS:
            raise InputError(f"part is {self.part!r}; choose one of {', '.join(PARTS)}")
        if self.scales not in SCALES:
            raise InputError(f"scales is {self.scales!r}; choose one of {', '.join(SCALES)}")

    @property
    def name(self) -> str:
        return f"{self.system.name} ({self.part}, {self.scales} scales)"


@dataclass(frozen=True, kw_only=True)
class HardwareRun:
    """One device with the artefacts that tell about it.

    :param digital: checkpoint of the quantised model
    :param programmed: checkpoint of the same model on the device
    :param clip_rates: csv of the emissions job
    """

    system: Memristor
    spec: ModelSpec
    digital: tk.Path
    programmed: tk.Path
    clip_rates: tk.Path

    @property
    def bits(self) -> str:
        return self.system.row


def first_of_rows(runs: Iterable[HardwareRun]) -> list[HardwareRun]:
    """One device of each preset and bit width."""
    first = {}
    for run in runs:
        first.setdefault((run.bits, run.system.preset), run)
    return list(first.values())


def checked_systems(scored: Iterable[ScoredSystem]) -> list[ScoredSystem]:
    """:raises InputError: no system at all, or two with one name: a table could show only one of them"""
    scored = list(scored)
    if not scored:
        raise InputError("the report got no scored system; give at least one")
    names = set()
    for item in scored:
        if item.name in names:
            raise InputError(f"{item.name} is scored twice; list it once, or name its hardware preset apart")
        names.add(item.name)
    return scored


def document(path: str) -> tk.Path:
    """A text of the repository, given relative to it, as a job input that is known by its content."""
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return tk.Path(path, hash_overwrite=f"{Path(path).name}.{digest[:12]}")
