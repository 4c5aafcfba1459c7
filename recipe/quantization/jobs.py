"""The job of post-training quantisation."""

from sisyphus import Task, tk

from recipe.job import ShortJob
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig


class CalibrateJob(ShortJob):
    """Sets the quantisers' ranges of a float model from a seeded sample of training utterances.

    Output: `out_checkpoint`, a checkpoint of the quantised model. Source: docs/paper.md, Post-training quantisation.
    """

    starts_warm = True

    def __init__(
        self,
        model: AcousticModel,
        quantization: QuantizationConfig,
        checkpoint: tk.Path,
        features: list[tk.Path],
        num_utterances: int = 100,
        seed: int = 0,
    ):
        """
        :param model: the model that `checkpoint` is a state of
        :param quantization: bits, and what is quantised
        :param checkpoint: of the float model
        :param features: HDF files of log-mel frames of the training corpus
        :param num_utterances: size of the sample (paper: 100)
        :param seed: of the sample
        """
        self.model = model
        self.quantization = quantization
        self.checkpoint = checkpoint
        self.features = features
        self.num_utterances = num_utterances
        self.seed = seed
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        """One task, resumable: it starts again."""
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 0.5})

    def run(self):
        """Calibrate and write the checkpoint."""
        from recipe.formats.checkpoint import save_checkpoint
        from recipe.quantization.calibrate import calibrated_model

        module = calibrated_model(
            self.model,
            self.quantization,
            self.checkpoint.get_path(),
            [path.get_path() for path in self.features],
            num_utterances=self.num_utterances,
            seed=self.seed,
        )
        save_checkpoint(module, self.out_checkpoint.get_path())
