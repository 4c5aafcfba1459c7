"""The feature job."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.errors import InputError
from recipe.features.config import PAPER_LOG_MEL, LogMelConfig
from recipe.job import RecipeJob


class LogMelJob(RecipeJob):
    """Log-mel energies of all segments in `num_parts` HDF files, made in parallel."""

    def __init__(
        self,
        root: tk.Path,
        segments: tk.Path,
        config: LogMelConfig = PAPER_LOG_MEL,
        num_parts: int = 1,
        speed_factor: float = 1.0,
    ):
        """`speed_factor` above 1 plays faster and higher, and tags say so; make one job per factor."""
        if num_parts < 1:
            raise InputError(f"LogMelJob.num_parts is {num_parts}; it must be at least 1")
        if not 0.5 <= speed_factor <= 2:
            raise InputError(f"LogMelJob.speed_factor is {speed_factor}; it must lie in 0.5 .. 2")
        self.root = root
        self.segments = segments
        self.config = config
        self.num_parts = num_parts
        self.speed_factor = speed_factor
        self.out_hdfs = [self.output_path(f"log_mel.{part}.hdf") for part in range(num_parts)]

    def tasks(self):
        yield Task("run", resume="run", args=range(self.num_parts), rqmt={"cpu": 1, "mem": 2, "time": 4})

    def estimated_hours(self, rates, audio_h):
        """Faster speech is shorter."""
        return audio_h / self.speed_factor / rates.log_mel_speed

    def run(self, part):
        import torch

        from recipe.features.extraction import write_log_mel

        torch.set_num_threads(1)
        write_log_mel(
            Path(self.root.get_path()),
            self.segments.get_path(),
            self.config,
            part,
            self.num_parts,
            self.speed_factor,
            self.out_hdfs[part].get_path(),
        )
