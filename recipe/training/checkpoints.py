"""Which checkpoint of a training is recognised with, as values; no torch here."""

from dataclasses import dataclass

from recipe.errors import InputError


@dataclass(frozen=True)
class LastCheckpoint:
    """That of the last sub-epoch."""

    @property
    def name(self) -> str:
        return "last"


@dataclass(frozen=True)
class BestCheckpoints:
    """The mean of the `number` best by dev loss; of one, this one itself. Needs as many in TrainingConfig.keep_best."""

    number: int = 1

    def __post_init__(self):
        if self.number < 1:
            raise InputError(f"BestCheckpoints.number is {self.number}; give at least 1")

    @property
    def name(self) -> str:
        return "best" if self.number == 1 else f"average-{self.number}"


Checkpoint = LastCheckpoint | BestCheckpoints
LAST_CHECKPOINT = LastCheckpoint()
PUBLISHED_CHECKPOINTS = (LAST_CHECKPOINT, BestCheckpoints(1), BestCheckpoints(4))
"""Digital rows are decoded with each, and the best on dev is reported (docs/paper.md, Training)."""
