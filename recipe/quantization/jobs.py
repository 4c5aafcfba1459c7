"""The calibration job."""

from sisyphus import Task, tk

from recipe.job import ShortJob
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig


class CalibrateJob(ShortJob):
    """Post-training quantisation: sets the quantisers' ranges from a seeded sample of training utterances."""

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
        :param checkpoint: of the float model
        :param features: HDF files of log-mel frames of the training corpus
        """
        self.model = model
        self.quantization = quantization
        self.checkpoint = checkpoint
        self.features = features
        self.num_utterances = num_utterances
        self.seed = seed
        self.out_checkpoint = self.output_path("model.pt")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 0.5})

    def run(self):
        from recipe.quantization.build import save_checkpoint
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
