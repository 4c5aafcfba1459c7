"""What a report is made from: scored systems, programmed devices, documents."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sisyphus import tk

from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec
from recipe.identity import renamed, without
from recipe.systems import SCALE_MODES, Memristor, System

FEW_PRESETS = 2
"""Up to so many hardware presets share lines of a table and of a plot; a graph of more is a sweep over them."""


@dataclass(frozen=True, kw_only=True)
class ScoredSystem:
    """One system, recognised and scored on one part of the corpus with one pair of search scales."""

    system: System
    part: str
    """Name of the part. The first part among the systems of a report is the one that scales were tuned on."""
    scale_mode: str
    """`tuned`: LM and prior scale searched on the first part; `fixed`: those of the paper's memristor rows."""
    score: tk.Path
    """score.json of the scoring job."""
    utterances: tk.Path
    """utterances.tsv of the same job: name, words, insertions, deletions, substitutions per line."""
    lm_scale: float | tk.Variable
    """LM scale of the search, or the Variable that will hold it."""
    prior_scale: float | tk.Variable
    """Prior scale, likewise."""
    learned: tk.Path | None = None
    """learned.json of the training behind the system, which trainings finished earlier lack. Enters no id: the score
    follows from the same training."""

    def __post_init__(self):
        if not re.fullmatch(r"\w[\w.-]*", self.part):
            raise InputError(
                f"part is {self.part!r}; outputs are named after it, so give letters, digits, dots and hyphens"
            )
        if self.scale_mode not in SCALE_MODES:
            raise InputError(f"scale_mode is {self.scale_mode!r}; choose one of {', '.join(SCALE_MODES)}")

    def __sis_state__(self) -> dict:
        return renamed(without(self, "learned"), scale_mode="scales")

    @property
    def name(self) -> str:
        """`qat-4 (dev, tuned scales)`."""
        return scored_name(self.system, self.part, self.scale_mode)


def scored_name(system: System, part: str, scale_mode: str) -> str:
    """`qat-4 (dev, tuned scales)`."""
    return f"{system.name} ({part}, {scale_mode} scales)"


@dataclass(frozen=True, kw_only=True)
class HardwareRun:
    """One device with its files."""

    system: Memristor
    spec: ModelSpec
    """The quantised model on hardware."""
    digital: tk.Path
    """Checkpoint of the quantised model."""
    programmed: tk.Path
    """Checkpoint of the same model on the device."""
    clip_rates: tk.Path
    """csv of the emissions job."""

    @property
    def bits(self) -> str:
        """Weight bits, as tables name them."""
        return self.system.row


def first_of_rows(runs: Iterable[HardwareRun]) -> list[HardwareRun]:
    """One device of each preset and bit width."""
    first: dict[tuple[str, str], HardwareRun] = {}
    for run in runs:
        first.setdefault((run.bits, run.system.condition), run)
    return list(first.values())


def is_sweep(runs: Iterable[HardwareRun]) -> bool:
    """Whether the devices differ in more hardware presets than share a plot."""
    return len({run.system.condition for run in runs}) > FEW_PRESETS


def parts_of(scored: Iterable[ScoredSystem]) -> list[str]:
    """The parts of the corpus in the order of the systems; scales were tuned on the first."""
    return list(dict.fromkeys(item.part for item in scored))


def checked_systems(scored: Iterable[ScoredSystem]) -> list[ScoredSystem]:
    """The systems as a list.

    :raises InputError: when there is none, or two have one name, of which a table could show only one
    """
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
    """A text file as a job input, hashed by its name and content; its folder does not count."""
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return tk.Path(path, hash_overwrite=f"{Path(path).name}.{digest[:12]}")
