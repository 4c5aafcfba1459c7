"""The trainings of an experiment, and what they stand on."""

from dataclasses import replace
from typing import Any

from sisyphus import Job, tk

from recipe.corpus.protocol import Parts
from recipe.errors import InputError
from recipe.graph.data import Data, prepare_data
from recipe.graph.node import node
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.setup import Setup
from recipe.systems import System
from recipe.training.checkpoints import LAST_CHECKPOINT, Checkpoint, LastCheckpoint
from recipe.training.config import TrainingConfig
from recipe.training.jobs import AverageCheckpointsJob, ReturnnTrainingJob


class Trainings:
    """Data, trainings and their checkpoints; what is done with these is Experiment's."""

    def __init__(self, setup: Setup):
        self.setup = setup
        self.nodes: dict[str, dict[tuple, Any]] = {}
        """What was made so far, by the name and the arguments of what asked for it."""
        self.audio_h: dict[Job, float] = {}
        """Hours of audio that enter a job."""

    @property
    def parts(self) -> Parts:
        """The names of the corpus' parts by role."""
        return self.setup.corpus.parts

    @property
    @node
    def data(self) -> Data:
        """Features, targets, lexicon and language model: the same for all systems."""
        return prepare_data(self.setup, self.audio_h)

    @node
    def training(self, system: System) -> ReturnnTrainingJob:
        """The training that a system uses."""
        if system != system.trained:
            return self.training(system.trained)
        model, quantization = self.setup.model, system.quantization(self.setup)
        start = model.encoder_model
        encoder = None
        if start is not None and system.starts_from is None:
            quantized = quantization if model.quantizes("encoder") else None
            started = self._training(start, quantized, system, "encoder", config=self.setup.encoder_training)
            encoder = started.out_checkpoint
        return self._training(model, quantization, system, "training", encoder)

    def _taught(self, system: System) -> dict[str, Any]:
        """What a training starts and learns from besides labels, as ReturnnTrainingJob takes it.

        :raises InputError: for distillation of a model whose outputs depend on labels
        """
        taught = {}
        if system.starts_from is not None:
            taught["start"] = self.trained_checkpoint(system.starts_from, LAST_CHECKPOINT)
        if system.learns_from is not None:
            if self.setup.model.label_context != 0:
                raise InputError(f"{system.name} distils a model that is none of CTC; leave Qat.distil out")
            taught["teacher"] = self.trained_checkpoint(system.learns_from, LAST_CHECKPOINT)
        options = {name: getattr(system, name, None) for name in ("distil", "noise")}
        return taught | {name: value for name, value in options.items() if value is not None}

    @node
    def _training(
        self,
        model: AcousticModel,
        quantization: QuantizationConfig | None,
        system: System,
        kind: str,
        encoder: tk.Path | None = None,
        config: TrainingConfig | None = None,
    ) -> ReturnnTrainingJob:
        """One training.

        :param kind: names it in aliases
        :param encoder: checkpoint that the network's `encoder` starts from
        :param config: None for that of the system
        """
        setup, data = self.setup, self.data
        config = self._training_config(system, config).for_audio(data.training_hours, setup.training_processes)
        share = getattr(system, "fine_tune", None)
        if share is not None:
            config = replace(config, schedule=config.schedule.shortened(share))
        job = ReturnnTrainingJob(
            model,
            quantization,
            config,
            data.training_features,
            data.training_targets,
            data.features[self.parts.dev],
            data.dev_targets,
            setup.training_processes,
            name=f"{setup.name}/{kind}/{system.name}",
            corpus_report=data.corpus_report,
            encoder=encoder,
            **(self._taught(system) if kind == "training" else {}),
        )
        job.set_rqmt("run", setup.resources.training)
        job.add_alias(job.name)
        self.audio_h[job] = data.training_hours
        return job

    def _training_config(self, system: System, config: TrainingConfig | None = None) -> TrainingConfig:
        """How a system is trained, with its seed.

        :param config: None for that of the setup
        :raises InputError: when it asks for the seed that the setup has anyway
        """
        if config is None:
            config = self.setup.training if system.quantization(self.setup) is None else self.setup.qat_training
        if system.training_seed is None:
            return config
        if system.training_seed == config.seed:
            raise InputError(
                f"{system.name} would be the training with the setup's own seed under a second name; "
                "leave training_seed out, or give another number"
            )
        return replace(config, seed=system.training_seed)

    @node
    def trained_checkpoint(self, system: System, checkpoint: Checkpoint) -> tk.Path:
        """One checkpoint of a training.

        :raises InputError: when the training does not keep as many
        """
        job = self.training(system)
        if isinstance(checkpoint, LastCheckpoint):
            return job.out_checkpoint
        best = job.out_best_checkpoints[: checkpoint.number]
        if len(best) < checkpoint.number:
            raise InputError(
                f"the setup asks for the {checkpoint.number} best checkpoints, training keeps {len(best)}; "
                "raise TrainingConfig.keep_best"
            )
        return best[0] if checkpoint.number == 1 else AverageCheckpointsJob(best).out_checkpoint
