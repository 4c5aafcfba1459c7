"""What a graph runs on, as one value: corpus, sizes, schedules, search, resources."""

from dataclasses import dataclass, field

from recipe.corpus.protocol import Corpus
from recipe.corpus_report.limits import CorpusLimits
from recipe.decoding.config import SearchConfig, SearchErrorSample
from recipe.errors import InputError
from recipe.estimates import ASSUMED_RATES, Rates
from recipe.features.config import LogMelConfig
from recipe.lexicon.config import DICTIONARY, SEARCH_LEXICONS
from recipe.lexicon.labels import PhonemeLabels, SentencePieceLabels
from recipe.lm.config import GivenModel, MixtureConfig, NgramConfig
from recipe.models.protocol import AcousticModel
from recipe.names import checked_name
from recipe.quantization.config import Changes
from recipe.training.checkpoints import Checkpoint, LastCheckpoint
from recipe.training.config import TrainingConfig

Labels = PhonemeLabels | SentencePieceLabels


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The sample of training utterances that PTQ ranges are computed from."""

    num_utterances: int = 100
    """Size of the sample (docs/paper.md, Post-training quantisation)."""
    seed: int = 0
    """Decides which utterances are drawn."""


@dataclass(frozen=True, kw_only=True)
class ScaleGrid:
    """The LM and prior scales of the search: a grid to tune them on, and a fixed pair."""

    lm_scales: tuple[float, ...] = (1.8, 2.0, 2.2, 2.4, 2.6, 2.8)
    """LM scales of the grid."""
    prior_scales: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)
    """Prior scales of the grid."""
    fixed_lm_scale: float = 2.0
    """LM scale of systems that are also scored with fixed scales, as the memristor rows of the paper are."""
    fixed_prior_scale: float = 0.5
    """Their prior scale."""
    digital: str = "grid"
    """How the tuned pair of a digital system is found: `grid` tries it all, `walk` goes down from the fixed pair."""
    devices: str = "grid"
    """How the tuned pair of a device is found: `grid` tries it all, `walk` goes downhill from the pair of its digital
    model, `digital` takes that pair, without a search of its own."""

    def __post_init__(self):
        if not self.lm_scales or not self.prior_scales:
            raise InputError("the scale grid has no lm_scales or no prior_scales; give at least one of each")
        for name, known in (("digital", ("grid", "walk")), ("devices", ("grid", "walk", "digital"))):
            if (given := getattr(self, name)) not in known:
                raise InputError(f"ScaleGrid.{name} is {given!r}; give one of {', '.join(known)}")

    @property
    def fixed(self) -> tuple[float, float]:
        """LM and prior scale of the fixed pair."""
        return self.fixed_lm_scale, self.fixed_prior_scale


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the expensive tasks ask the engine for: `cpu` cores, `mem` in GB, `gpu`, `time` in hours. Never hashed."""

    training: dict = field(default_factory=lambda: {"cpu": 1, "mem": 4, "gpu": 0, "time": 4})
    """A training."""
    forward: dict = field(default_factory=lambda: {"cpu": 1, "mem": 3, "gpu": 0, "time": 1})
    """Running a model over the training part (priors) or the evaluated parts (emissions)."""
    programming: dict = field(default_factory=lambda: {"cpu": 1, "mem": 3, "gpu": 0, "time": 1})
    """Programming a device."""
    search: dict = field(default_factory=lambda: {"cpu": 1, "mem": 2, "time": 1})
    """A search, and the tuning of its scales."""
    language_model: dict = field(default_factory=lambda: {"cpu": 1, "mem": 2, "time": 1})
    """The steps from text to language model."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Everything that decides the numbers of a graph, and the resources that do not."""

    name: str
    """Prefix of all aliases and outputs."""
    corpus: Corpus
    """Speech, transcripts, dictionary and LM texts, with the roles of its parts."""
    labels: Labels = PhonemeLabels()
    """What the acoustic model outputs."""
    search_lexicon: str = DICTIONARY
    """What search can output: `dictionary`, or `dictionary+g2p` with the words of the training text that the dictionary
    lacks."""
    corpus_limits: CorpusLimits = CorpusLimits()
    """What the corpus report warns of, and what stops the graph before anything long runs."""
    features: LogMelConfig = LogMelConfig()
    """Log-mel features."""
    feature_shards: int = 2
    """Feature files per part of the corpus, each written by its own task. Enters job ids."""
    speed_factors: tuple[float, ...] = (1.0,)
    """Training sees a copy of every segment at each of these speeds; everything else uses the recorded speed."""
    lm: NgramConfig | MixtureConfig | GivenModel = NgramConfig()
    """Language model of the search."""
    model: AcousticModel
    """Acoustic model."""
    training: TrainingConfig
    """Training of the float model."""
    qat_training: TrainingConfig
    """Training of the models with fake quantisation."""
    encoder_training: TrainingConfig | None = None
    """Training with CTC of the encoder that a transducer starts from; None takes that of the transducer."""
    training_dev_segments: int | None = None
    """The dev loss after every sub-epoch is computed on this many segments of dev; None takes all."""
    training_processes: int = 1
    """Processes of one training, one per GPU: a step takes as many batches, and `resources.training` must ask for as
    many GPUs."""
    checkpoints: tuple[Checkpoint, ...] = (LastCheckpoint(),)
    """Float and QAT systems are recognised with each of these; the one with the fewest errors on dev counts. All other
    systems use the last checkpoint."""
    ptq_choices: Changes = ()
    """Fields of QuantizationConfig, other than the bits, that differ from its defaults in PTQ systems."""
    qat_choices: Changes = ()
    """The same for QAT systems and the devices made of them."""
    calibration: Calibration = Calibration()
    """Sample for the ranges of PTQ systems."""
    search: SearchConfig = SearchConfig()
    """Beam search."""
    search_errors: SearchErrorSample | None = SearchErrorSample()
    """The sample of utterances that is searched a second time to know the errors of the search; None for none."""
    scale_grid: ScaleGrid = ScaleGrid()
    """LM and prior scales."""
    ptq_scale_grid: ScaleGrid | None = None
    """LM and prior scales of PTQ systems; None takes `scale_grid`."""
    forward_batch_s: float = 200.0
    """Seconds of audio in a batch when a model runs over a part (priors, emissions)."""
    most_wer_percent: float | None = 40.0
    """Highest word error rate on dev, with tuned scales, of a digital model that devices are made of; the graph stops
    at one that has more. None makes devices of any model. Enters no id of a device."""
    table1_cells: int = 10_000
    """Simulated cells per row of Table 1."""
    resources: Resources = field(default_factory=Resources)
    """What the expensive tasks ask the engine for."""
    rates: Rates = ASSUMED_RATES
    """What `make plan` reckons with; enters no job."""

    def __post_init__(self):
        checked_name(self.name, "the setup", "Setup.name")
        if self.search_lexicon not in SEARCH_LEXICONS:
            raise InputError(
                f"Setup.search_lexicon is {self.search_lexicon!r}; give {' or '.join(map(repr, SEARCH_LEXICONS))}"
            )
