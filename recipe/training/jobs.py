"""Jobs that train a model and average its checkpoints."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.errors import InputError
from recipe.job import RecipeJob, ShortJob
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import TrainingConfig
from recipe.training.options import Distil, Noise


class ReturnnTrainingJob(RecipeJob):
    """Trains one acoustic model with RETURNN, on GPUs if there are any. Resumes after the last finished sub-epoch.

    The graph sets the resources (`update_rqmt("run", {...})`); they do not enter the job id.

    A model that does no better than constant priors stops the graph here, unless `training.allow_unlearned`.

    Outputs: `out_checkpoint` (last sub-epoch), `out_best_checkpoints` (lowest dev loss first), `out_learning_rates`
    (one per line), `out_learning_curve` (csv), `out_learning_curve_plot` (png) and `out_learned` (the verdict, which
    jobs finished before there was one lack).
    """

    __sis_hash_exclude__ = {
        "num_processes": 1,
        "encoder": None,
        "start": None,
        "teacher": None,
        "distil": None,
        "noise": None,
    }
    waits_for = ("corpus_report",)

    def __init__(
        self,
        model: AcousticModel,
        quantization: QuantizationConfig | None,
        training: TrainingConfig,
        features: list[tk.Path],
        targets: tk.Path,
        dev_features: list[tk.Path],
        dev_targets: tk.Path,
        num_processes: int = 1,
        name: str = "this training",
        corpus_report: tk.Path | None = None,
        encoder: tk.Path | None = None,
        start: tk.Path | None = None,
        teacher: tk.Path | None = None,
        distil: Distil | None = None,
        noise: Noise | None = None,
    ):
        """
        :param model: the model to train
        :param quantization: None for a float model
        :param training: schedule, batches, optimiser, seed
        :param features: HDF files of log-mel frames
        :param targets: HDF file of label ids; only segments with targets are used
        :param dev_features: like `features`, for the dev loss
        :param dev_targets: like `targets`; may hold fewer segments than `dev_features`
        :param num_processes: one per GPU. Their gradients are averaged, so a step sees this many batches
        :param name: for messages; enters no id
        :param corpus_report: what must be through first (CorpusReportJob); enters no id
        :param encoder: checkpoint that the network's `encoder` starts from
        :param start: checkpoint that the whole network starts from, of the float model or one quantised alike
        :param teacher: checkpoint of the float model that it learns from
        :param distil: how; goes with `teacher`
        :param noise: on quantised weights in training
        :raises InputError: when `num_processes` is below 1, or `training` still states `min_updates`
        """
        if num_processes < 1:
            raise InputError(f"ReturnnTrainingJob.num_processes is {num_processes}; it must be at least 1")
        if training.min_updates is not None:
            raise InputError(
                f"ReturnnTrainingJob.training states min_updates {training.min_updates}; give "
                "TrainingConfig.for_audio(hours), whose schedule has as many"
            )
        self.model = model
        self.quantization = quantization
        self.training = training
        self.features = features
        self.targets = targets
        self.dev_features = dev_features
        self.dev_targets = dev_targets
        self.num_processes = num_processes
        self.name = name
        self.corpus_report = corpus_report
        self.encoder = encoder
        self.start = start
        self.teacher = teacher
        self.distil = distil
        self.noise = noise
        self.out_checkpoint = self.output_path("model.pt")
        kept = min(training.keep_best, training.schedule.num_sub_epochs)
        self.out_best_checkpoints = [self.output_path(f"best.{rank}.pt") for rank in range(1, kept + 1)]
        self.out_learning_rates = self.output_path("learning_rates.txt")
        self.out_learning_curve = self.output_path("learning_curve.csv")
        self.out_learning_curve_plot = self.output_path("learning_curve.png")
        self.out_learned = self.output_path("learned.json")

    @classmethod
    def hash(cls, parsed_args):
        """The name decides no bytes of the outputs."""
        return super().hash({name: value for name, value in parsed_args.items() if name != "name"})

    def tasks(self):
        """One task, resumable: training continues after the last finished sub-epoch."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 4, "time": 4})

    def estimated_hours(self, rates, audio_h):
        """Forward and backward pass over the features of all sub-epochs."""
        audio_h *= self.training.passes
        forward_h = rates.forward_hours(audio_h, self.asks_for_gpu(), self.model, self.quantization)
        return rates.training_factor * forward_h / self.num_processes

    def run(self):
        """Train, copy what other jobs read out of RETURNN's folder, and judge the model."""
        from recipe.training.train import collect, train

        work_dir = Path.cwd()
        checkpoint = train(
            work_dir,
            model=self.model,
            quantization=self.quantization,
            training=self.training,
            features=[path.get_path() for path in self.features],
            targets=self.targets.get_path(),
            dev_features=[path.get_path() for path in self.dev_features],
            dev_targets=self.dev_targets.get_path(),
            num_processes=self.num_processes,
            encoder=_path(self.encoder),
            start=_path(self.start),
            teacher=_path(self.teacher),
            distil=self.distil,
            noise=self.noise,
        )
        collect(
            work_dir,
            checkpoint,
            out_checkpoint=self.out_checkpoint.get_path(),
            out_best=[path.get_path() for path in self.out_best_checkpoints],
            out_rates=self.out_learning_rates.get_path(),
            out_csv=self.out_learning_curve.get_path(),
            out_plot=self.out_learning_curve_plot.get_path(),
        )
        self._judge()

    def _judge(self):
        """Whether the model learned. Costs as much as an evaluation of the dev loss."""
        import torch

        from recipe.formats.learned import write_learned
        from recipe.training.learned import figures, judge, require_learned

        torch.set_num_threads(1)
        features = [path.get_path() for path in self.dev_features]
        checkpoint, targets = self.out_checkpoint.get_path(), self.dev_targets.get_path()
        judged = judge(checkpoint, self.model, self.quantization, features, targets)
        print(f"{self.name}: {figures(judged)}", flush=True)
        write_learned(self.out_learned.get_path(), judged)
        if not self.training.allow_unlearned:
            require_learned(judged, self.name)


def _path(given: tk.Path | None) -> str | None:
    return None if given is None else given.get_path()


class AverageCheckpointsJob(ShortJob):
    """Averages checkpoints of one training into `out_checkpoint`."""

    def __init__(self, checkpoints: list[tk.Path]):
        """
        :param checkpoints: at least one; all of the same model
        :raises InputError: when there is none
        """
        if not checkpoints:
            raise InputError("AverageCheckpointsJob got no checkpoints; give at least one")
        self.checkpoints = checkpoints
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 0.5})

    def run(self):
        """Read, average, write."""
        from recipe.training.average import average_checkpoints

        average_checkpoints([path.get_path() for path in self.checkpoints], self.out_checkpoint.get_path())
