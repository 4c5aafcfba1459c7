"""The feature job."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.errors import InputError
from recipe.features.config import PAPER_LOG_MEL, LogMelConfig
from recipe.identity import renamed
from recipe.job import RecipeJob


class LogMelJob(RecipeJob):
    """Log-mel energies of all segments in `num_shards` HDF files, made in parallel."""

    waits_for = ("corpus_report",)
    starts_warm = True

    def __init__(
        self,
        root: tk.Path,
        segments: tk.Path,
        config: LogMelConfig = PAPER_LOG_MEL,
        num_shards: int = 1,
        speed_factor: float = 1.0,
        corpus_report: tk.Path | None = None,
    ):
        """
        :param root: what recordings in `segments` are relative to
        :param segments: segment file (recipe/formats/segments.py)
        :param num_shards: number of files and of tasks that write them
        :param speed_factor: above 1 the audio is played faster and at a higher pitch, and tags end in the factor
        :param corpus_report: what must be through first (CorpusReportJob); enters no id
        """
        if num_shards < 1:
            raise InputError(f"LogMelJob.num_shards is {num_shards}; it must be at least 1")
        if not 0.5 <= speed_factor <= 2:
            raise InputError(f"LogMelJob.speed_factor is {speed_factor}; it must lie in 0.5 .. 2")
        self.root = root
        self.segments = segments
        self.config = config
        self.num_shards = num_shards
        self.speed_factor = speed_factor
        self.corpus_report = corpus_report
        self.out_hdfs = [self.output_path(f"log_mel.{shard}.hdf") for shard in range(num_shards)]

    @classmethod
    def hash(cls, parsed_args):
        """Published ids were made when shards were called parts."""
        return super().hash(renamed(parsed_args, num_shards="num_parts"))

    def tasks(self):
        yield Task("run", resume="run", args=range(self.num_shards), rqmt={"cpu": 1, "mem": 2, "time": 4})

    def estimated_hours(self, rates, audio_h):
        """By the audio after the change of speed: faster speech is shorter."""
        return audio_h / self.speed_factor / rates.log_mel_speed

    def run(self, shard):
        """Write the features of one shard."""
        import torch

        from recipe.features.extraction import write_log_mel

        torch.set_num_threads(1)
        write_log_mel(
            Path(self.root.get_path()),
            self.segments.get_path(),
            self.config,
            shard,
            self.num_shards,
            self.speed_factor,
            self.out_hdfs[shard].get_path(),
        )
