"""Jobs that run a model over features: emissions for the search, and the prior."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.hardware.spec import ModelSpec
from recipe.job import RecipeJob

RQMT = {"cpu": 1, "mem": 3, "time": 1}


class EmissionsJob(RecipeJob):
    """Log posteriors of every segment in the features, by a model on any system.

    On hardware, `out_clip_rates` also tells how often each layer's converters clip (csv: layer, dac_rate, adc_rate).
    """

    def __init__(
        self,
        spec: ModelSpec,
        checkpoint: tk.Path,
        features: list[tk.Path],
        batch_s: float = 300.0,
        read_noise_seed: int = 0,
    ):
        """
        :param spec: float, quantised or on hardware; the checkpoint must be one of it
        :param features: HDF files of log-mel frames
        :param batch_s: limit on padded audio per batch
        :param read_noise_seed: of the devices' read noise
        """
        self.spec = spec
        self.checkpoint = checkpoint
        self.features = features
        self.batch_s = batch_s
        self.read_noise_seed = read_noise_seed
        self.out_emissions = [self.output_path("emissions.hdf")]
        self.out_clip_rates = None if spec.hardware is None else self.output_path("clip_rates.csv")

    def tasks(self):
        yield Task("run", resume="run", rqmt=RQMT)

    def estimated_hours(self, rates, audio_h):
        """One pass over the features."""
        spec = self.spec
        return rates.forward_hours(audio_h, self.asks_for_gpu(), spec.model, spec.quantization, spec.hardware)

    def run(self):
        from recipe.decoding.forward import forward

        path = self.out_emissions[0].get_path()
        clip_rates = self.out_clip_rates and self.out_clip_rates.get_path()
        forward(
            Path.cwd(),
            self.spec,
            self.checkpoint.get_path(),
            [path.get_path() for path in self.features],
            batch_s=self.batch_s,
            seed=self.read_noise_seed,
            callback=f"emissions.EmissionsCallback({path!r}, {self.spec.model.num_outputs}, {clip_rates!r})",
        )


class PriorJob(RecipeJob):
    """Natural log of the mean posterior over all frames of the features, one line per label."""

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, features: list[tk.Path], batch_s: float = 300.0):
        """
        :param spec: the digital model whose posteriors are averaged
        :param features: HDF files of log-mel frames of the training corpus
        :param batch_s: limit on padded audio per batch
        """
        self.spec = spec
        self.checkpoint = checkpoint
        self.features = features
        self.batch_s = batch_s
        self.out_prior = self.output_path("prior.txt")

    def tasks(self):
        yield Task("run", resume="run", rqmt=RQMT)

    def estimated_hours(self, rates, audio_h):
        """One pass over the features."""
        spec = self.spec
        return rates.forward_hours(audio_h, self.asks_for_gpu(), spec.model, spec.quantization, spec.hardware)

    def run(self):
        from recipe.decoding.forward import forward

        forward(
            Path.cwd(),
            self.spec,
            self.checkpoint.get_path(),
            [path.get_path() for path in self.features],
            batch_s=self.batch_s,
            seed=0,
            callback=f"prior.PriorCallback({self.out_prior.get_path()!r}, {self.spec.model.num_outputs})",
        )
