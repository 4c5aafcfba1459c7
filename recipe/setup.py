"""What a graph runs on, as one value: corpus, sizes, schedules, search, resources."""

from dataclasses import dataclass, field

from recipe.corpus.config import (
    AudioStorage,
    MiniCorpusConfig,
    SegmentPadding,
    StmRules,
    TedliumArchive,
    TedliumDirectory,
)
from recipe.decoding.config import SearchConfig
from recipe.errors import InputError
from recipe.features.config import LogMelConfig
from recipe.lexicon.labels import PhonemeLabels, SentencePieceLabels
from recipe.lm.config import MixtureConfig, NgramConfig
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import Changes
from recipe.training.checkpoints import Checkpoint, LastCheckpoint
from recipe.training.config import TrainingConfig

Corpus = MiniCorpusConfig | TedliumDirectory | TedliumArchive
Labels = PhonemeLabels | SentencePieceLabels


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The sample of training utterances that PTQ ranges come from (paper: 100, drawn once)."""

    num_utterances: int = 100
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class ScaleGrid:
    """LM and prior scales: the grid tuned on dev, and the fixed pair of the paper's memristor rows (2.0, 0.5).

    With `devices_walk`, the tuned rows of devices walk downhill from their digital model's scales and do not try all.
    """

    lm_scales: tuple[float, ...] = (1.8, 2.0, 2.2, 2.4, 2.6, 2.8)
    prior_scales: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
    fixed_lm_scale: float = 2.0
    fixed_prior_scale: float = 0.5
    devices_walk: bool = False

    def __post_init__(self):
        if not self.lm_scales or not self.prior_scales:
            raise InputError("the scale grid has no lm_scales or no prior_scales; give at least one of each")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the costly tasks ask the engine for: cpu cores, mem in GB, gpu, time in hours. Never hashed."""

    training: dict = field(default_factory=lambda: {"cpu": 1, "mem": 4, "gpu": 0, "time": 4})
    forward: dict = field(default_factory=lambda: {"cpu": 1, "mem": 3, "gpu": 0, "time": 1})
    programming: dict = field(default_factory=lambda: {"cpu": 1, "mem": 3, "gpu": 0, "time": 1})
    search: dict = field(default_factory=lambda: {"cpu": 1, "mem": 2, "time": 1})
    language_model: dict = field(default_factory=lambda: {"cpu": 1, "mem": 2, "time": 1})


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Everything that decides the numbers of a graph, and the resources that do not.

    Features are made of the recordings as they come, or as `audio` stores them.
    After every sub-epoch the dev loss is taken over `training_dev_segments` of dev, or all of it. Training sees a copy
    of every segment at each of `speed_factors`, everything else the recordings as they are. Float and QAT systems are
    recognised with each of `checkpoints`, and the one that does best on dev counts; all others take the last. PTQ
    systems are tuned on `ptq_scales` where given. Each training runs as `training_processes` processes, one per GPU:
    that many batches make a step, and `resources` must ask for as many GPUs.
    `ptq` and `qat` hold the quantisation choices other than the bits, which each system brings along.
    """

    name: str
    corpus: Corpus
    padding: SegmentPadding = SegmentPadding()
    stm_rules: StmRules = StmRules()
    labels: Labels = PhonemeLabels()
    audio: AudioStorage | None = None
    features: LogMelConfig = LogMelConfig()
    feature_parts: int = 2
    speed_factors: tuple[float, ...] = (1.0,)
    lm: NgramConfig | MixtureConfig = NgramConfig()
    model: AcousticModel
    training: TrainingConfig
    qat_training: TrainingConfig
    training_dev_segments: int | None = None
    training_processes: int = 1
    checkpoints: tuple[Checkpoint, ...] = (LastCheckpoint(),)
    ptq_choices: Changes = ()
    qat_choices: Changes = ()
    calibration: Calibration = Calibration()
    search: SearchConfig = SearchConfig()
    scale_grid: ScaleGrid = ScaleGrid()
    ptq_scale_grid: ScaleGrid | None = None
    forward_batch_s: float = 200.0
    table1_cells: int = 10_000
    resources: Resources = field(default_factory=Resources)
