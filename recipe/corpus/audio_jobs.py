"""The job that keeps a part's recordings in another form, and its place in a graph."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.config import AudioStorage
from recipe.errors import InputError
from recipe.job import ShortJob


class StoreAudioJob(ShortJob):
    """The recordings of a part as FLAC or Ogg/Vorbis, one file per talk, and its segments cut from them."""

    def __init__(self, root: tk.Path, segments: tk.Path, storage: AudioStorage, num_parts: int = 1):
        """`num_parts` tasks convert side by side; the bytes do not depend on it."""
        if num_parts < 1:
            raise InputError(f"StoreAudioJob.num_parts is {num_parts}; it must be at least 1")
        self.root = root
        self.segments = segments
        self.storage = storage
        self.num_parts = num_parts
        self.out_root = self.output_path("audio", directory=True)
        self.out_segments = self.output_path("segments.xml.gz")

    @classmethod
    def hash(cls, parsed_args):
        return super().hash({**parsed_args, "num_parts": 1})

    def tasks(self):
        yield Task("store", resume="store", args=range(self.num_parts), rqmt={"cpu": 1, "mem": 1, "time": 8})
        yield Task("write_segments", resume="write_segments", mini_task=True)

    def store(self, part):
        from recipe.corpus.audio import store_part

        folders = Path(self.root.get_path()), self.segments.get_path(), self.storage, Path(self.out_root.get_path())
        store_part(*folders, part, self.num_parts)

    def write_segments(self):
        from recipe.corpus.audio import write_stored_segments

        write_stored_segments(self.segments.get_path(), self.storage, self.out_segments.get_path())


def stored_audio(
    root: tk.Path, segments: tk.Path, storage: AudioStorage | None, num_parts: int
) -> tuple[tk.Path, tk.Path]:
    """Root and segments to make features from: in the form asked for, or as they are."""
    if storage is None:
        return root, segments
    job = StoreAudioJob(root, segments, storage, num_parts)
    return job.out_root, job.out_segments
