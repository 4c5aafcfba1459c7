"""How a model is trained, as a value; no torch here."""

from dataclasses import dataclass, field

from recipe.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SpecAugmentConfig:
    """SpecAugment on log-mel frames; defaults as published (docs/paper.md, SpecAugment).

    `min_time_masks`..max(min_time_masks, T // `frames_per_time_mask`) masks of 1..`max_time_width` frames, and
    `min_feature_masks`..`max_feature_masks` masks of 1..`max_feature_width` bands.
    """

    min_time_masks: int = 2
    frames_per_time_mask: int = 25
    max_time_width: int = 20
    min_feature_masks: int = 2
    max_feature_masks: int = 5
    max_feature_width: int = 8

    def __post_init__(self):
        for name, value in vars(self).items():
            if value < 1:
                raise InputError(f"SpecAugmentConfig.{name} is {value}; it must be at least 1")
        if self.max_feature_masks < self.min_feature_masks:
            raise InputError(
                f"SpecAugmentConfig.max_feature_masks is {self.max_feature_masks}, below min_feature_masks "
                f"{self.min_feature_masks}; raise it"
            )


@dataclass(frozen=True, kw_only=True)
class LearningRateSchedule:
    """Three linear parts, one rate per sub-epoch: up to the peak, down, final decay (docs/paper.md, Training).

    `up`, `down` and `decay` count sub-epochs. Each part includes both of its end points, so the peak and the low
    point repeat once at the joints, as published.
    """

    up: int
    down: int
    decay: int
    start: float = 7e-6
    peak: float = 5e-4
    low: float = 5e-5
    final: float = 1e-7

    def __post_init__(self):
        if min(self.up, self.down, self.decay) < 1:
            raise InputError("LearningRateSchedule.up, down and decay must be at least 1 sub-epoch each")
        if not 0 < self.start <= self.peak or not 0 < self.final <= self.low <= self.peak:
            raise InputError("LearningRateSchedule needs 0 < start <= peak and 0 < final <= low <= peak")

    @property
    def num_sub_epochs(self) -> int:
        """Length of the training."""
        return self.up + self.down + self.decay

    def rates(self) -> list[float]:
        """The learning rate of every sub-epoch."""
        return [
            *_line(self.start, self.peak, self.up),
            *_line(self.peak, self.low, self.down),
            *_line(self.low, self.final, self.decay),
        ]


@dataclass(frozen=True, kw_only=True)
class RAdamConfig:
    """RAdam with decoupled weight decay on all parameters (docs/paper.md, Training)."""

    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-16
    weight_decay: float = 1e-2


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """One training; defaults are the paper's where it gives them (docs/paper.md, Training).

    The corpus is cut into `partitions`, each one sub-epoch; the schedule gives the number of sub-epochs.
    `batch_s` limits a batch by its padded audio. Sequences are ordered "laplace": shuffled, cut into bins of about
    `laplace_bin_segments`, sorted by length alternately up and down. `keep_last` and `keep_best` (by dev loss)
    checkpoints are kept while training runs.
    """

    schedule: LearningRateSchedule
    partitions: int = 5
    batch_s: float = 300.0
    laplace_bin_segments: int = 4000
    optimizer: RAdamConfig = field(default_factory=RAdamConfig)
    gradient_clip: float = 1.0
    accumulate_batches: int = 1
    specaugment: SpecAugmentConfig | None = field(default_factory=SpecAugmentConfig)
    precision: str = "float32"
    keep_last: int = 4
    keep_best: int = 4
    seed: int = 42

    def __post_init__(self):
        positive = ("partitions", "batch_s", "laplace_bin_segments", "gradient_clip", "accumulate_batches", "keep_last")
        for name in positive:
            if getattr(self, name) <= 0:
                raise InputError(f"TrainingConfig.{name} is {getattr(self, name)}; it must be positive")
        if self.keep_best < 0:
            raise InputError(f"TrainingConfig.keep_best is {self.keep_best}; it must not be negative")
        if self.precision not in ("float32", "bfloat16"):
            raise InputError(f"TrainingConfig.precision is {self.precision!r}; use 'float32' or 'bfloat16'")


def paper_training() -> TrainingConfig:
    """The paper's: 250 sub-epochs of a fifth of the corpus."""
    return TrainingConfig(schedule=LearningRateSchedule(up=110, down=110, decay=30))


def _line(first: float, last: float, count: int) -> list[float]:
    if count == 1:
        return [first]
    return [first + (last - first) * i / (count - 1) for i in range(count)]
