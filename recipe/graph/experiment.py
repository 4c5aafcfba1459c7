"""The experiment: every node of a graph beyond trainings, made once from a Setup and kept by name."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from sisyphus import tk

from recipe.decoding.config import AnySearchFiles, Searched, SearchFiles, TransducerSearchFiles
from recipe.decoding.forward_jobs import EmissionsJob, PriorJob
from recipe.decoding.jobs import SearchErrorJob, SearchJob, TuneScalesJob
from recipe.errors import InputError
from recipe.graph.node import node
from recipe.graph.trainings import Trainings
from recipe.hardware.jobs import CalibrateDeviceJob, EnergyJob, ProgramDeviceJob
from recipe.hardware.spec import ModelSpec
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.jobs import CalibrateJob
from recipe.report.inputs import ScoredSystem
from recipe.scoring.jobs import BestOnDevJob, CheckWerJob, ScoreJob
from recipe.setup import Setup
from recipe.systems import Memristor, System, is_device
from recipe.training.checkpoints import LAST_CHECKPOINT, Checkpoint


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that can be run: what to build, and the checkpoint to load into it."""

    spec: ModelSpec
    checkpoint: tk.Path


class Scales(NamedTuple):
    """LM and prior scale of a search: numbers, or the variables that will hold them."""

    lm: float | tk.Variable
    prior: float | tk.Variable


class Experiment(Trainings):
    """The graph of one Setup. Whoever needs an artefact asks for it by name: `experiment.emissions(Qat(3))`.

    Asking makes the node and all that it stands on; nothing runs. Numbers are not decided here: they are all values.
    """

    def __init__(self, setup: Setup):
        """:raises InputError: when model and labels do not fit together, or no search supports the model"""
        _check(setup)
        super().__init__(setup)
        self.systems: list[System] = []
        """Those that are scored and reported, in the order of the tables."""

    @property
    def has_prior(self) -> bool:
        """Whether searches subtract a label prior; with transducers it is their internal language model."""
        return self.setup.model.label_context == 0

    @node
    def model(self, system: System, checkpoint: Checkpoint = LAST_CHECKPOINT) -> Model:
        """The model of any system: trained, calibrated or programmed."""
        if is_device(system):
            return self._programmed(system)
        spec = ModelSpec(model=self.setup.model, quantization=system.quantization(self.setup))
        calibrated = system.calibrated(self.setup)
        if calibrated is not None:
            return Model(spec=spec, checkpoint=self._calibrated(system, calibrated))
        return Model(spec=spec, checkpoint=self.trained_checkpoint(system, checkpoint))

    def _programmed(self, system: Memristor) -> Model:
        digital = self.model(system.digital)
        spec = replace(digital.spec, hardware=system.hardware)
        job = ProgramDeviceJob(spec, digital.checkpoint, system.device_seed, self.recognises(system.digital))
        job.set_rqmt("run", self.setup.resources.programming)
        job.add_alias(f"{self.setup.name}/program/{system.name}")
        if not system.calibration:
            return Model(spec=spec, checkpoint=job.out_checkpoint)
        spec = replace(spec, calibration=system.calibration_steps)
        features = self.data.features[self.parts.train]
        calibrated = CalibrateDeviceJob(spec, job.out_checkpoint, digital.checkpoint, features)
        calibrated.add_alias(f"{self.setup.name}/calibrate/{system.name}")
        return Model(spec=spec, checkpoint=calibrated.out_checkpoint)

    @node
    def recognises(self, system: System) -> tk.Path | None:
        """What devices of a model wait for: that its word error rate on dev is not above the setup's limit."""
        limit = self.setup.most_wer_percent
        if limit is None:
            return None
        scored = self.score(system, LAST_CHECKPOINT, self.parts.dev, "tuned")
        passed = CheckWerJob(scored.score, limit, f"{self.setup.name}/{system.name}").out_passed
        # an output, as nothing else asks for it once the devices are there
        tk.register_output(f"{self.setup.name}/recognises/{system.name}.txt", passed)
        return passed

    def _calibrated(self, system: System, quantization: QuantizationConfig) -> tk.Path:
        setup = self.setup
        job = CalibrateJob(
            setup.model,
            quantization,
            self.trained_checkpoint(system.trained, LAST_CHECKPOINT),
            self.data.features[self.parts.train],
            setup.calibration.num_utterances,
            setup.calibration.seed,
        )
        job.add_alias(f"{setup.name}/calibration/{system.name}")
        return job.out_checkpoint

    @node
    def prior(self, system: System, checkpoint: Checkpoint = LAST_CHECKPOINT) -> tk.Path:
        """The label prior of the trained digital model: PTQ takes the float model's, a device its QAT model's."""
        if system != system.trained:
            return self.prior(system.trained, checkpoint)
        model = self.model(system, checkpoint)
        job = PriorJob(model.spec, model.checkpoint, self.data.features[self.parts.train], self.setup.forward_batch_s)
        job.set_rqmt("run", self.setup.resources.forward)
        self.audio_h[job] = self.data.hours[self.parts.train]
        return job.out_prior

    @node
    def emissions(self, system: System, checkpoint: Checkpoint = LAST_CHECKPOINT) -> EmissionsJob:
        """The job that writes the log posteriors of all evaluated parts in one pass."""
        model, data = self.model(system, checkpoint), self.data
        features = [path for part in self.parts.evaluated for path in data.features[part]]
        batch_s, seed = self.setup.forward_batch_s, system.read_noise_seed
        job = EmissionsJob(model.spec, model.checkpoint, features, batch_s, read_noise_seed=seed)
        job.set_rqmt("run", self.setup.resources.forward)
        job.add_alias(f"{self.setup.name}/emissions/{self.name_of(system, checkpoint)}")
        self.audio_h[job] = sum(data.hours[part] for part in self.parts.evaluated)
        return job

    @node
    def energy(self, system: Memristor) -> EnergyJob:
        """The job that counts what a device does while it hears ten utterances of dev."""
        model, features = self.model(system), self.data.features[self.parts.dev]
        job = EnergyJob(model.spec, model.checkpoint, features, read_noise_seed=system.read_noise_seed)
        job.set_rqmt("run", self.setup.resources.forward)
        job.add_alias(f"{self.setup.name}/energy/{system.name}")
        return job

    def name_of(self, system: System, checkpoint: Checkpoint) -> str:
        """What a system with one checkpoint is called in aliases and outputs."""
        only = len(system.checkpoints(self.setup)) == 1
        return system.name if only else f"{system.name}/{checkpoint.name}"

    def search_files(self, system: System, checkpoint: Checkpoint) -> AnySearchFiles:
        """What tuning and search of a system read."""
        emissions, data = self.emissions(system, checkpoint).out_emissions, self.data
        if self.has_prior:
            prior = self.prior(system, checkpoint)
            return SearchFiles(emissions=emissions, prior=prior, lexicon=data.lexicon, labels=data.labels, lm=data.lm)
        model = self.model(system, checkpoint)
        return TransducerSearchFiles(
            emissions=emissions,
            spec=model.spec,
            checkpoint=model.checkpoint,
            lexicon=data.lexicon,
            labels=data.labels,
            lm=data.lm,
            read_noise_seed=system.read_noise_seed,
        )

    @node
    def tuning(self, system: System, checkpoint: Checkpoint = LAST_CHECKPOINT) -> TuneScalesJob:
        """The job that finds the scales of a system on dev, and keeps what it recognised with them."""
        grid = system.scale_grid(self.setup)
        job = TuneScalesJob(
            self.search_files(system, checkpoint),
            segments=self.data.segments[self.parts.dev],
            search=self.setup.search,
            lm_scales=list(grid.lm_scales),
            prior_scales=list(grid.prior_scales),
            walk_from=self._walk_from(system),
        )
        job.set_rqmt("tune", self.setup.resources.search)
        job.add_alias(f"{self.setup.name}/scales/{self.name_of(system, checkpoint)}")
        self.audio_h[job] = self.data.hours[self.parts.dev]
        return job

    def _walk_from(self, system: System) -> tuple[float, float] | tuple[tk.Variable, tk.Variable] | None:
        """Where a system's tuning begins its walk over the grid; None when it tries all of it."""
        if (near := system.tuned_near(self.setup)) is not None:
            return self.tuned_scales(near)
        grid = system.scale_grid(self.setup)
        return grid.fixed if grid.digital == "walk" and not is_device(system) else None

    def scales(self, system: System, scale_mode: str, checkpoint: Checkpoint = LAST_CHECKPOINT) -> Scales:
        """The `tuned` pair of a system, or the `fixed` one."""
        if scale_mode == "fixed":
            return Scales(*self.setup.scale_grid.fixed)
        return Scales(*self.tuned_scales(system, checkpoint))

    def tuned_scales(self, system: System, checkpoint: Checkpoint = LAST_CHECKPOINT) -> tuple[tk.Variable, tk.Variable]:
        """LM and prior scale that do best on dev."""
        tuned_by = system.tuned_by(self.setup)
        job = self.tuning(system, checkpoint) if tuned_by is None else self.tuning(tuned_by)
        return job.out_lm_scale, job.out_prior_scale

    @node
    def hypotheses(self, system: System, checkpoint: Checkpoint, part: str, scale_mode: str) -> tk.Path:
        """What a system recognises in a part with a pair of scales; nothing is tuned on test."""
        job = self._search(system, checkpoint, part, scale_mode)
        name = self.name_of(system, checkpoint)
        job.add_alias(f"{self.setup.name}/search/{name}/{part}.{scale_mode}")
        return job.out_hypotheses

    def _search(self, system: System, checkpoint: Checkpoint, part: str, scale_mode: str) -> SearchJob | TuneScalesJob:
        """Tuning has already searched dev with the scales that it found."""
        if (part, scale_mode) == (self.parts.dev, "tuned") and system.tuned_by(self.setup) is None:
            return self.tuning(system, checkpoint)
        scales, files = self.scales(system, scale_mode, checkpoint), self.search_files(system, checkpoint)
        job = SearchJob(files, self.data.segments[part], self.setup.search, scales.lm, scales.prior)
        job.set_rqmt("run", self.setup.resources.search)
        self.audio_h[job] = self.data.hours[part]
        return job

    @node
    def score(self, system: System, checkpoint: Checkpoint, part: str, scale_mode: str) -> ScoredSystem:
        """One checkpoint of a system, recognised and scored on one part with one pair of scales."""
        scored = ScoreJob(self.hypotheses(system, checkpoint, part, scale_mode), self.data.segments[part])
        name = self.name_of(system, checkpoint)
        tk.register_output(f"{self.setup.name}/scores/{name}/{part}.{scale_mode}.json", scored.out_score)
        scales = self.scales(system, scale_mode, checkpoint)
        return ScoredSystem(
            system=system,
            part=part,
            scale_mode=scale_mode,
            score=scored.out_score,
            utterances=scored.out_utterances,
            lm_scale=scales.lm,
            prior_scale=scales.prior,
            learned=self.training(system).out_learned,
        )

    @node
    def scores(self, system: System) -> list[ScoredSystem]:
        """A system on all evaluated parts; of several checkpoints, the one with the fewest errors on dev."""
        checkpoints = system.checkpoints(self.setup)
        if len(checkpoints) > 1:
            return [self._best_on_dev(system, part) for part in self.parts.evaluated]
        return [
            self.score(system, checkpoints[0], part, scale_mode)
            for part in self.parts.evaluated
            for scale_mode in system.scale_modes
        ]

    @node
    def search_errors(self, system: System, scale_modes: tuple[str, ...]) -> dict[str, tk.Path]:
        """What the searches of a system missed in a sample of each part, by the name of the scored system.

        Of several checkpoints the last one: which one is the best on dev is not known while the graph is built.
        """
        sample = self.setup.search_errors
        if sample is None:
            return {}
        tried = system.checkpoints(self.setup)
        checkpoint = LAST_CHECKPOINT if LAST_CHECKPOINT in tried else tried[0]
        scored = {
            f"{part}.{mode}": self.score(system, checkpoint, part, mode)
            for part in self.parts.evaluated
            for mode in scale_modes
        }
        job = SearchErrorJob(
            self.search_files(system, checkpoint),
            self.setup.search,
            {name: self._searched(one, checkpoint) for name, one in scored.items()},
            sample.device_segments if is_device(system) else sample.digital_segments,
            sample.factor,
            getattr(system, "device_seed", 0),
        )
        job.set_rqmt("run", self.setup.resources.search)
        job.add_alias(f"{self.setup.name}/search_errors/{system.name}.{'+'.join(scale_modes)}")
        for name, path in job.out_search_errors.items():
            tk.register_output(f"{self.setup.name}/search_errors/{system.name}/{name}.json", path)
        return {one.name: job.out_search_errors[name] for name, one in scored.items()}

    def _searched(self, scored: ScoredSystem, checkpoint: Checkpoint) -> Searched:
        """The search behind a score."""
        return Searched(
            segments=self.data.segments[scored.part],
            lm_scale=scored.lm_scale,
            prior_scale=scored.prior_scale,
            hypotheses=self.hypotheses(scored.system, checkpoint, scored.part, scored.scale_mode),
        )

    def scores_at_fixed(self, system: System) -> list[ScoredSystem]:
        """The model that devices are programmed with, at the fixed scales that devices are searched with as well."""
        return [self.score(system, LAST_CHECKPOINT, part, "fixed") for part in self.parts.evaluated]

    def _best_on_dev(self, system: System, part: str) -> ScoredSystem:
        """The results on `part` of the checkpoint with the fewest errors on dev."""
        checkpoints = system.checkpoints(self.setup)
        on_dev, chosen = (
            [self.score(system, checkpoint, scored, "tuned") for checkpoint in checkpoints]
            for scored in (self.parts.dev, part)
        )
        best = BestOnDevJob(
            names=[checkpoint.name for checkpoint in checkpoints],
            dev_scores=[scored.score for scored in on_dev],
            scores=[scored.score for scored in chosen],
            utterances=[scored.utterances for scored in chosen],
            lm_scales=[scored.lm_scale for scored in chosen],
            prior_scales=[scored.prior_scale for scored in chosen],
        )
        tk.register_output(f"{self.setup.name}/scores/{system.name}/{part}.tuned.json", best.out_score)
        tk.register_output(f"{self.setup.name}/scores/{system.name}/{part}.checkpoint", best.out_name)
        return replace(
            chosen[0],
            score=best.out_score,
            utterances=best.out_utterances,
            lm_scale=best.out_lm_scale,
            prior_scale=best.out_prior_scale,
        )


def _check(setup: Setup) -> None:
    """:raises InputError: when model and labels do not fit together, or no search supports the model"""
    model, labels = setup.model, setup.labels.num_labels
    if model.num_labels != labels:
        raise InputError(
            f"Setup.model of {setup.name} has {model.num_labels} labels, Setup.labels {labels}; give the model "
            "Setup.labels.num_labels"
        )
    if model.label_context not in (0, 1, None):
        raise InputError(
            f"Setup.model of {setup.name} has a predictor that depends on {model.label_context} labels, and there is "
            "no search for it: give ContextOnePredictor or LstmPredictor"
        )
