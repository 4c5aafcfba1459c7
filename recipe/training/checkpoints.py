"""Which checkpoint of a training a system decodes with, as values. Imports no torch."""

from dataclasses import dataclass

from recipe.errors import InputError


@dataclass(frozen=True)
class LastCheckpoint:
    """The checkpoint of the last sub-epoch."""

    @property
    def name(self) -> str:
        """Used in aliases and outputs."""
        return "last"


@dataclass(frozen=True)
class BestCheckpoints:
    """Average of the `number` checkpoints with the lowest dev loss (`number=1`: the best one, unchanged).

    :raises InputError: when `number` is below 1
    """

    number: int = 1
    """At most TrainingConfig.keep_best."""

    def __post_init__(self):
        if self.number < 1:
            raise InputError(f"BestCheckpoints.number is {self.number}; give at least 1")

    @property
    def name(self) -> str:
        """Used in aliases and outputs: `best`, `average-4`."""
        return "best" if self.number == 1 else f"average-{self.number}"


Checkpoint = LastCheckpoint | BestCheckpoints
LAST_CHECKPOINT = LastCheckpoint()
PUBLISHED_CHECKPOINTS = (LAST_CHECKPOINT, BestCheckpoints(1), BestCheckpoints(4))
"""Digital systems decode with each; the one with the fewest errors on dev is reported (docs/paper.md, Training)."""
