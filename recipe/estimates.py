"""How long jobs would take, by arithmetic on their arguments; docs/scale.md says where each rate comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sisyphus import Job, Task, tk

from recipe.acoustic_model.config import ConformerConfig
from recipe.corpus.config import MiniCorpusConfig
from recipe.hardware.spec import ModelSpec
from recipe.quantization.config import QuantizationConfig

# Published: hours of audio with the padding of train, segments (paper section 1.1 of its code).
TEDLIUM_HOURS = {"train": 212.07, "dev": 1.60, "test": 2.62}


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What one task gets done. CPU rates are measured on one core; nothing was measured on a GPU."""

    cpu_flops: float = 60e9
    """float32 operations per second of a model on one core (measured: 61e9 in training, 79e9 in recognition)."""
    gpu_flops: float = 8e12
    """The same on one data-centre GPU (assumed: 40 % of an A100's float32 peak of 19.5 TFLOP/s)."""
    training_factor: float = 3.0
    """Forward and backward pass against the forward pass (arithmetic)."""
    qat_factor: float = 1.4
    """A quantised model against the float one (measured on the CPU: 1.4 in a forward pass, less in training)."""
    device_factor: float = 6.0
    """Reading one plane of a simulated device against the digital product (measured on the CPU)."""
    programming_cells: float = 25e6
    """Cells written per second (measured)."""
    log_mel_speed: float = 1000.0
    """Hours of audio per hour (measured: 1,400 to 3,000, without reading the recordings)."""
    search_speed: float = 3.0
    """Hours of audio per hour at beam 1024 with 150,000 words (arithmetic from a search at beam 128)."""


ASSUMED_RATES = Rates()


def forward_flops(model: ConformerConfig, segment_s: float = 8.0) -> float:
    """Floating point operations of a forward pass per second of audio, in segments of so many seconds.

    Matrix products, convolutions and attention; two operations for each multiplication with its addition.
    """
    c1, c2, c3, c4 = model.frontend_channels
    (time1, band1), (time2, band2) = model.frontend_pools
    rate, bands = 100.0, model.num_features
    flops = 2 * 9 * rate * bands * (c1 + c1 * c2)
    rate, bands = rate / time1, bands // band1
    flops += 2 * 9 * rate * bands * (c2 * c3 + c3 * c4)
    rate, bands = rate / time2, bands // band2
    dim, frames = model.model_dim, rate * segment_s
    attention = 2 * 2 * dim * frames
    block = 2 * block_weights(model) + 2 * dim * model.conv_kernel + attention
    return flops + rate * (2 * c4 * bands * dim + model.num_blocks * block + 2 * dim * model.num_outputs)


def block_weights(model: ConformerConfig) -> int:
    """Weights of the linears of one block: those that memristors hold."""
    dim = model.model_dim
    return 2 * (2 * dim * model.feed_forward_dim) + (3 + 1) * dim**2 + (2 + 1) * dim**2


def planes(quantization: QuantizationConfig) -> int:
    """Bit planes of one weight; of mixtures, those of the widest."""
    bits = quantization.weight_bits
    return (bits if isinstance(bits, int) else max(width for _, width in bits)) - 1


def tasks_of(job: Job) -> list[Task]:
    """The tasks of a job, with what they ask for, as an engine sees them."""
    tasks = list(job.tasks())
    for task in tasks:
        task.set_job(job)
    return tasks


def hours_of(job: Job, rates: Rates = ASSUMED_RATES) -> float | None:
    """Hours of all tasks of a job together, or None for jobs that are short."""
    estimate = ESTIMATES.get(type(job).__name__)
    return None if estimate is None else estimate(job, rates)


def _forward_hours(job: Job, rates: Rates, spec: ModelSpec, audio_h: float) -> float:
    """One pass of a model over so much audio, on what the first task of the job asks for."""
    if spec.hardware is not None:
        factor = rates.device_factor * planes(spec.quantization)
    else:
        factor = 1.0 if spec.quantization is None else rates.qat_factor
    speed = rates.gpu_flops if tasks_of(job)[0].rqmt().get("gpu") else rates.cpu_flops
    return audio_h * forward_flops(spec.model) * factor / speed


def _training(job: Job, rates: Rates) -> float:
    spec = ModelSpec(model=job.model, quantization=job.quantization)
    audio_h = hours_of_features(job.features) * job.training.schedule.num_sub_epochs / job.training.partitions
    return rates.training_factor * _forward_hours(job, rates, spec, audio_h) / job.num_processes


def _forward(job: Job, rates: Rates) -> float:
    return _forward_hours(job, rates, job.spec, hours_of_features(job.features))


def _programming(job: Job, rates: Rates) -> float:
    model = job.spec.model
    cells = 2 * planes(job.spec.quantization) * model.num_blocks * block_weights(model)
    return cells / rates.programming_cells / 3600


def _log_mel(job: Job, rates: Rates) -> float:
    return hours_of_segments(job.segments) / job.speed_factor / rates.log_mel_speed


def _search(job: Job, rates: Rates) -> float:
    return hours_of_segments(job.segments) * job.search.beam / 1024 / rates.search_speed


WALKED_POINTS = 6  # mean of mini's hundred devices; the best point and its neighbours, and as many again on a step


def _tuning(job: Job, rates: Rates) -> float:
    points = len(job.lm_scales) * len(job.prior_scales)
    return _search(job, rates) * (min(points, WALKED_POINTS) if job.walk_from else points)


ESTIMATES: dict[str, Callable[[Job, Rates], float]] = {
    "ReturnnTrainingJob": _training,
    "EmissionsJob": _forward,
    "PriorJob": _forward,
    "ProgramDeviceJob": _programming,
    "LogMelJob": _log_mel,
    "SearchJob": _search,
    "TuneScalesJob": _tuning,
}


def hours_of_features(hdfs: Iterable[tk.Path]) -> float:
    """Audio in feature files, in hours."""
    return sum(hours_of_segments(job.segments) / job.speed_factor for job in {hdf.creator for hdf in hdfs})


def hours_of_segments(segments: tk.Path) -> float:
    """Audio of a part, in hours; a directory is taken for TED-LIUM release 2."""
    job = segments.creator
    config = getattr(job.root.creator, "config", None)
    if isinstance(config, MiniCorpusConfig):
        return config.minutes(job.part) / 60
    return TEDLIUM_HOURS[job.part]
