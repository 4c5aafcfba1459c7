"""Jobs that run a model over features: emissions for the search, and the prior."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.hardware.spec import ModelSpec
from recipe.job import RecipeJob


class _Forwarding(RecipeJob):
    """One pass of a model over feature files."""

    starts_warm = True

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, features: list[tk.Path], batch_s: float):
        self.spec = spec
        self.checkpoint = checkpoint
        self.features = features
        self.batch_s = batch_s

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 1})

    def estimated_hours(self, rates, audio_h):
        """One pass over the features."""
        spec = self.spec
        return rates.forward_hours(audio_h, self.asks_for_gpu(), spec.model, spec.quantization, spec.hardware)

    def forward(self, callback: str, seed: int) -> None:
        """See recipe.decoding.forward.forward."""
        from recipe.decoding.forward import forward

        features = [path.get_path() for path in self.features]
        checkpoint = self.checkpoint.get_path()
        forward(Path.cwd(), self.spec, checkpoint, features, batch_s=self.batch_s, seed=seed, callback=callback)


class EmissionsJob(_Forwarding):
    """Log posteriors of every segment in the features, by a model on any system.

    On hardware, `out_clip_rates` holds how often the converters of each layer clip (csv: layer, dac_rate, adc_rate).
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
        :param spec: float, quantised or on hardware; what the checkpoint is a state of
        :param features: HDF files of log-mel frames
        :param batch_s: limit on padded audio per batch
        :param read_noise_seed: of the devices' read noise
        """
        super().__init__(spec, checkpoint, features, batch_s)
        self.read_noise_seed = read_noise_seed
        self.out_emissions = [self.output_path("emissions.hdf")]
        self.out_clip_rates = None if spec.hardware is None else self.output_path("clip_rates.csv")

    def run(self):
        path = self.out_emissions[0].get_path()
        clip_rates = self.out_clip_rates and self.out_clip_rates.get_path()
        callback = f"emissions.EmissionsCallback({path!r}, {self.spec.model.emission_dim}, {clip_rates!r})"
        self.forward(callback, self.read_noise_seed)


class PriorJob(_Forwarding):
    """Natural log of the mean posterior over all frames of the features, one line per label."""

    def __init__(self, spec: ModelSpec, checkpoint: tk.Path, features: list[tk.Path], batch_s: float = 300.0):
        """
        :param spec: the digital model whose posteriors are averaged
        :param features: HDF files of log-mel frames of the training corpus
        :param batch_s: limit on padded audio per batch
        """
        super().__init__(spec, checkpoint, features, batch_s)
        self.out_prior = self.output_path("prior.txt")

    def run(self):
        path = self.out_prior.get_path()
        self.forward(f"prior.PriorCallback({path!r}, {self.spec.model.num_outputs})", seed=0)
