"""The corpus jobs: download or generate, segment, count, sample."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sisyphus import Task, tk

from recipe.corpus.config import PUBLISHED_RULES, CorpusCounts, SegmentPadding, StmRules
from recipe.files import write_progress
from recipe.job import ShortJob

if TYPE_CHECKING:  # these values make the jobs
    from recipe.corpus.mini.config import MiniCorpusConfig
    from recipe.corpus.tedlium import TedliumArchive

ARCHIVE_NAME = "corpus.tar.gz"
report_progress = partial(write_progress, "progress")  # the file that an engine reads in the directory of a task


class DownloadCorpusJob(ShortJob):
    """Download the archive and unpack it; the archive is removed once its content is complete.

    After an interruption the download resumes where it was, the unpacking restarts.
    """

    def __init__(self, archive: TedliumArchive):
        self.archive = archive
        self.out_root = self.output_path("TEDLIUM_release2", directory=True)

    def tasks(self):
        rqmt = {"cpu": 1, "mem": 1, "time": 48}
        yield Task("download", resume="download", rqmt=rqmt)
        yield Task("unpack", resume="unpack", rqmt={**rqmt, "time": 12})

    def download(self):
        """Fetch the archive, after a look at the free disk space."""
        from recipe.corpus.remote import RemoteFile
        from recipe.corpus.remote_jobs import fetch

        one = self.archive
        file = RemoteFile(name=ARCHIVE_NAME, urls=one.urls, size_bytes=one.size_bytes, sha256=one.sha256)
        fetch(file, Path.cwd(), one.unpacked_bytes)

    def unpack(self):
        """Unpack it, check the layout and remove the archive."""
        from recipe.corpus.layout import check_layout
        from recipe.corpus.unpacking import unpack

        archive, root = Path(ARCHIVE_NAME), Path(self.out_root.get_path())
        if archive.exists():  # else an earlier attempt was stopped just before its end
            unpack(archive, root, report_progress)
        check_layout(root)
        archive.unlink(missing_ok=True)


class GenerateMiniCorpusJob(ShortJob):
    """Write the generated corpus in the layout of TED-LIUM release 2; equal configs give equal bytes."""

    NUM_WORKERS = 4  # tasks that synthesise speech; the bytes do not depend on it

    def __init__(self, config: MiniCorpusConfig):
        self.config = config
        self.out_root = self.output_path("corpus", directory=True)

    def tasks(self):
        yield Task("write_texts", resume="write_texts", mini_task=True)
        rqmt = {"cpu": 1, "mem": 1, "time": 1}
        yield Task("write_talks", resume="write_talks", args=range(self.NUM_WORKERS), rqmt=rqmt)

    def write_texts(self):
        """Dictionary and LM texts."""
        from recipe.corpus.mini.dictionary import DICTIONARY_NAME, write_dictionary
        from recipe.corpus.mini.texts import write_lm_texts

        root = Path(self.out_root.get_path())
        write_dictionary(root / DICTIONARY_NAME, self.config)
        write_lm_texts(root / "LM", self.config)

    def write_talks(self, worker):
        """Every NUM_WORKERS-th talk, starting at number `worker`."""
        from recipe.corpus.mini.generate import write_talks
        from recipe.corpus.mini.talks import draw_talks

        talks = draw_talks(self.config)[worker :: self.NUM_WORKERS]
        write_talks(Path(self.out_root.get_path()), talks, self.config)


class SegmentCorpusJob(ShortJob):
    """Read and check the transcripts and recordings of one part; write segments, text, reference STM and statistics."""

    def __init__(
        self, root: tk.Path, part: str, padding: SegmentPadding | None = None, rules: StmRules = PUBLISHED_RULES
    ):
        """`padding` is for training data alone: other parts are scored on the times of their transcripts."""
        self.root = root
        self.part = part
        self.padding = padding
        self.rules = rules
        self.out_segments = self.output_path("segments.xml.gz")
        self.out_text = self.output_path("text.txt")
        self.out_reference_stm = self.output_path("reference.stm")
        self.out_statistics = self.output_path("statistics.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 1})

    def run(self):
        """Write segments, text, reference and counts."""
        from recipe.corpus.segmentation import segment_part

        segment_part(
            Path(self.root.get_path()),
            self.part,
            self.padding,
            self.rules,
            self.out_segments.get_path(),
            self.out_text.get_path(),
            self.out_reference_stm.get_path(),
            self.out_statistics.get_path(),
        )


class CheckCountsJob(ShortJob):
    """Fail unless a part has as many segments and recordings as expected; copy its segments."""

    def __init__(self, root: tk.Path, segments: tk.Path, part: str, expected: CorpusCounts):
        self.root = root
        self.segments = segments
        self.part = part
        self.expected = expected
        self.out_talks = self.output_path("talks.tsv")
        self.out_segments = self.output_path("segments.xml.gz")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.counts import check_counts

        check_counts(
            Path(self.root.get_path()),
            self.part,
            self.segments.get_path(),
            self.expected,
            self.out_talks.get_path(),
            self.out_segments.get_path(),
        )


class SampleSegmentsJob(ShortJob):
    """An evenly spaced subset of the segments of a part, to follow a training with."""

    def __init__(self, segments: tk.Path, num_segments: int):
        self.segments = segments
        self.num_segments = num_segments
        self.out_segments = self.output_path("segments.xml.gz")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.sample import sample_segments

        sample_segments(self.segments.get_path(), self.num_segments, self.out_segments.get_path())
