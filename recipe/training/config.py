"""How a model is trained, as values. Imports no torch."""

from dataclasses import dataclass, field, replace
from math import ceil

from recipe.errors import InputError
from recipe.identity import without


@dataclass(frozen=True, kw_only=True)
class SpecAugmentConfig:
    """SpecAugment on log-mel frames; the defaults are the published values (docs/paper.md, SpecAugment).

    Numbers and widths of masks are drawn uniformly; both limits are included.

    :raises InputError: when a field is below 1, or a maximum below its minimum
    """

    min_time_masks: int = 2
    """Least number of time masks in an utterance of T frames."""
    frames_per_time_mask: int = 25
    """Greatest number of time masks: T // frames_per_time_mask, but at least `min_time_masks`."""
    max_time_width: int = 20
    """Greatest width of a time mask, in frames; the least is 1."""
    min_feature_masks: int = 2
    """Least number of feature masks in an utterance."""
    max_feature_masks: int = 5
    """Greatest number of feature masks in an utterance."""
    max_feature_width: int = 8
    """Greatest width of a feature mask, in log-mel bands; the least is 1."""

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
    """One learning rate per sub-epoch in three linear phases: warm-up, decrease, final decay (docs/paper.md, Training).

    Each phase includes both of its end points, so the peak and the low rate occur twice in a row, as published.

    :raises InputError: when a phase has no sub-epoch, or the rates are not ordered as the phases need
    """

    up: int
    """Sub-epochs from `start` to `peak`."""
    down: int
    """Sub-epochs from `peak` to `low`."""
    decay: int
    """Sub-epochs from `low` to `final`."""
    start: float = 7e-6
    """Learning rate of the first sub-epoch."""
    peak: float = 5e-4
    """Highest learning rate."""
    low: float = 5e-5
    """Learning rate between decrease and final decay."""
    final: float = 1e-7
    """Learning rate of the last sub-epoch."""

    def __post_init__(self):
        if min(self.up, self.down, self.decay) < 1:
            raise InputError("LearningRateSchedule.up, down and decay must be at least 1 sub-epoch each")
        if not 0 < self.start <= self.peak or not 0 < self.final <= self.low <= self.peak:
            raise InputError("LearningRateSchedule needs 0 < start <= peak and 0 < final <= low <= peak")

    @property
    def num_sub_epochs(self) -> int:
        """Length of the training in sub-epochs."""
        return self.up + self.down + self.decay

    def stretched(self, num_sub_epochs: int) -> "LearningRateSchedule":
        """The same rates over at least so many sub-epochs, the phases in proportion; never shorter than it is."""
        if num_sub_epochs <= self.num_sub_epochs:
            return self
        up, decay = (round(phase * num_sub_epochs / self.num_sub_epochs) for phase in (self.up, self.decay))
        return replace(self, up=up, down=num_sub_epochs - up - decay, decay=decay)

    def shortened(self, share: float, slower: float = 5.0) -> "LearningRateSchedule":
        """For the fine-tuning of a model: this share of the sub-epochs, the phases in proportion but of one at least.

        :param slower: what peak and low rate are divided by; the authors' fine-tunings have a fifth of the peak
        """
        up, down, decay = (max(1, round(phase * share)) for phase in (self.up, self.down, self.decay))
        peak, low = self.peak / slower, self.low / slower
        start, final = min(self.start, peak), min(self.final, low)
        return replace(self, up=up, down=down, decay=decay, start=start, peak=peak, low=low, final=final)

    def rates(self) -> list[float]:
        """The learning rate of every sub-epoch, in order."""
        return [
            *_line(self.start, self.peak, self.up),
            *_line(self.peak, self.low, self.down),
            *_line(self.low, self.final, self.decay),
        ]


@dataclass(frozen=True, kw_only=True)
class RAdamConfig:
    """RAdam with decoupled weight decay on all parameters (docs/paper.md, Training)."""

    betas: tuple[float, float] = (0.9, 0.999)
    """Decay of the running means of gradients and of squared gradients."""
    epsilon: float = 1e-16
    """Added to the root of the mean of squares."""
    weight_decay: float = 1e-2
    """Relative to the learning rate: each step shrinks a parameter by the factor 1 - rate * weight_decay."""


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """One training; the defaults are the paper's values where it gives them (docs/paper.md, Training).

    :raises InputError: naming a field that is out of range
    """

    schedule: LearningRateSchedule
    """Learning rates, and with them the number of sub-epochs."""
    partitions: int = 5
    """Sub-epochs per pass over the corpus."""
    batch_s: float = 300.0
    """Greatest amount of audio in a batch, padding included, in seconds."""
    laplace_bin_segments: int = 4000
    """Sequence order "laplace": sequences are shuffled, split into bins of about this size, and each bin is sorted by
    length, alternately ascending and descending."""
    optimizer: RAdamConfig = field(default_factory=RAdamConfig)
    """The optimiser's settings."""
    gradient_clip: float = 1.0
    """Greatest global L2 norm of a step's gradient."""
    accumulate_batches: int = 1
    """Batches whose gradients are averaged for one step."""
    specaugment: SpecAugmentConfig | None = field(default_factory=SpecAugmentConfig)
    """Masks on the training features; None for none."""
    precision: str = "float32"
    """`float32`, or `bfloat16` for automatic mixed precision; weights stay in float32."""
    keep_last: int = 4
    """Most recent checkpoints that are kept while training runs."""
    keep_best: int = 4
    """Checkpoints with the lowest dev loss that are kept, and are outputs of the training job."""
    seed: int = 42
    """Of RETURNN's random numbers: initial weights, dropout, masks, order of sequences."""
    min_updates: int | None = None
    """Least number of optimiser steps; None for as many as the schedule's passes give. The graph turns it into
    `partitions` and a schedule for the audio it has (`for_audio`), and jobs take nothing else."""
    allow_unlearned: bool = False
    """Go on with a model that did not learn, and mark its rows. Enters no job id: it decides no byte of the model."""

    def __post_init__(self):
        positive = ("partitions", "batch_s", "laplace_bin_segments", "gradient_clip", "accumulate_batches", "keep_last")
        for name in positive:
            if getattr(self, name) <= 0:
                raise InputError(f"TrainingConfig.{name} is {getattr(self, name)}; it must be positive")
        if self.keep_best < 0:
            raise InputError(f"TrainingConfig.keep_best is {self.keep_best}; it must not be negative")
        if self.min_updates is not None and self.min_updates < 1:
            raise InputError(f"TrainingConfig.min_updates is {self.min_updates}; give at least 1, or None for no limit")
        if self.precision not in ("float32", "bfloat16"):
            raise InputError(f"TrainingConfig.precision is {self.precision!r}; use 'float32' or 'bfloat16'")

    def __sis_state__(self) -> dict:
        return without(self, "allow_unlearned", *(["min_updates"] if self.min_updates is None else []))

    @property
    def passes(self) -> float:
        """Passes over the corpus."""
        return self.schedule.num_sub_epochs / self.partitions

    def updates(self, audio_h: float, processes: int = 1) -> float:
        """Optimiser steps, at least: batches that are not full, as padding makes them, give more.

        :param audio_h: hours of training audio
        :param processes: that train together; a step takes a batch of each
        """
        return self.passes * audio_h * 3600 / (self.batch_s * self.accumulate_batches * processes)

    def for_audio(self, audio_h: float, processes: int = 1) -> "TrainingConfig":
        """This training with `min_updates` put into ordinary numbers: `partitions` and the phases of the schedule.

        A corpus that is too small for them in the schedule's passes is first cut into fewer partitions, so that there
        are not more checkpoints and evaluations than before; what is then still missing are more sub-epochs.

        :raises InputError: when there is no audio
        """
        if self.min_updates is None:
            return self
        if audio_h <= 0:
            raise InputError(f"TrainingConfig.min_updates needs hours of training audio, the corpus has {audio_h:g}")
        missing = max(1.0, self.min_updates / self.updates(audio_h, processes))
        cut = replace(self, min_updates=None, partitions=max(1, int(self.partitions / missing)))
        per_sub_epoch = cut.updates(audio_h, processes) / cut.schedule.num_sub_epochs
        needed = ceil(self.min_updates / per_sub_epoch - 1e-9)  # not one more for a rounding error
        return replace(cut, schedule=cut.schedule.stretched(needed))


def paper_training() -> TrainingConfig:
    """The published training: 250 sub-epochs, each a fifth of the corpus (docs/paper.md, Training)."""
    return TrainingConfig(schedule=LearningRateSchedule(up=110, down=110, decay=30))


def _line(first: float, last: float, count: int) -> list[float]:
    if count == 1:
        return [first]
    return [first + (last - first) * i / (count - 1) for i in range(count)]
