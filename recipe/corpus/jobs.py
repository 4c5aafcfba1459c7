"""The corpus jobs, and `corpus_root`, which makes any kind of corpus the same path to the rest of the graph."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.config import (
    PUBLISHED_RULES,
    CorpusCounts,
    MiniCorpusConfig,
    SegmentPadding,
    StmRules,
    TedliumArchive,
    TedliumDirectory,
)
from recipe.files import open_text
from recipe.job import ShortJob

ARCHIVE_NAME = "corpus.tar.gz"


def write_progress(share: float, text: str) -> None:
    """Tell the engine how far the running task is."""
    with open_text("progress", "wt") as file:
        file.write(f"{share:.4f} {text}\n")


def corpus_root(corpus: MiniCorpusConfig | TedliumDirectory | TedliumArchive) -> tk.Path:
    """The root of the corpus: generated, downloaded, or given (and then looked over at once)."""
    if isinstance(corpus, MiniCorpusConfig):
        return GenerateMiniCorpusJob(corpus).out_root
    if isinstance(corpus, TedliumArchive):
        return DownloadCorpusJob(corpus).out_root
    from recipe.corpus.layout import check_layout

    check_layout(corpus.root)
    return tk.Path(str(Path(corpus.root).absolute()), hash_overwrite=corpus.identity)


class DownloadCorpusJob(ShortJob):
    """Downloads the archive and unpacks it; the archive is removed once its content is there.

    Interrupted, the download goes on where it was, the unpacking from its beginning.
    """

    def __init__(self, archive: TedliumArchive):
        self.archive = archive
        self.out_root = self.output_path("TEDLIUM_release2", directory=True)

    def tasks(self):
        rqmt = {"cpu": 1, "mem": 1, "time": 48}
        yield Task("download", resume="download", rqmt=rqmt)
        yield Task("unpack", resume="unpack", rqmt={**rqmt, "time": 12})

    def download(self):
        from recipe.corpus.download import download, require_space

        archive = Path(ARCHIVE_NAME)
        part = archive.with_name(f"{archive.name}.part")
        have = next((path.stat().st_size for path in (archive, part) if path.exists()), 0)
        needed = self.archive.size_bytes - have + self.archive.unpacked_bytes
        require_space(Path.cwd(), needed, "the archive with its content")
        download(self.archive.urls, archive, self.archive.size_bytes, self.archive.sha256, write_progress)

    def unpack(self):
        from recipe.corpus.layout import check_layout
        from recipe.corpus.unpacking import unpack

        archive, root = Path(ARCHIVE_NAME), Path(self.out_root.get_path())
        if archive.exists():  # else an earlier attempt was stopped just before its end
            unpack(archive, root, write_progress)
        check_layout(root)
        archive.unlink(missing_ok=True)


class GenerateMiniCorpusJob(ShortJob):
    """Writes the generated corpus in the layout of TED-LIUM release 2; equal configs give equal bytes."""

    NUM_WORKERS = 4  # tasks that speak; the bytes do not depend on it

    def __init__(self, config: MiniCorpusConfig):
        self.config = config
        self.out_root = self.output_path("corpus", directory=True)

    def tasks(self):
        yield Task("write_texts", resume="write_texts", mini_task=True)
        rqmt = {"cpu": 1, "mem": 1, "time": 1}
        yield Task("write_talks", resume="write_talks", args=range(self.NUM_WORKERS), rqmt=rqmt)

    def write_texts(self):
        from recipe.corpus.mini.dictionary import DICTIONARY_NAME, write_dictionary
        from recipe.corpus.mini.texts import write_lm_texts

        root = Path(self.out_root.get_path())
        write_dictionary(root / DICTIONARY_NAME, self.config)
        write_lm_texts(root / "LM", self.config)

    def write_talks(self, worker):
        from recipe.corpus.mini.generate import write_talks
        from recipe.corpus.mini.talks import draw_talks

        talks = draw_talks(self.config)[worker :: self.NUM_WORKERS]
        write_talks(Path(self.out_root.get_path()), talks, self.config)


class SegmentCorpusJob(ShortJob):
    """Reads and checks the transcripts and recordings of one part; writes its segments in four forms."""

    def __init__(
        self, root: tk.Path, part: str, padding: SegmentPadding | None = None, rules: StmRules = PUBLISHED_RULES
    ):
        """`padding` is for train alone: dev and test are scored on the times they come with."""
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
    """Stops the graph unless a part has as many segments and recordings as expected; passes its segments on."""

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


def checked_segments(
    corpus: MiniCorpusConfig | TedliumDirectory | TedliumArchive, root: tk.Path, part: str, segments: tk.Path
) -> tk.Path:
    """The segments of a part; if the corpus says how many are expected, nothing that needs them runs on any other."""
    expected = None if isinstance(corpus, MiniCorpusConfig) else corpus.expected
    return segments if expected is None else CheckCountsJob(root, segments, part, expected).out_segments


class SampleSegmentsJob(ShortJob):
    """Segments evenly spaced over a part: enough to watch a training by."""

    def __init__(self, segments: tk.Path, num_segments: int):
        self.segments = segments
        self.num_segments = num_segments
        self.out_segments = self.output_path("segments.xml.gz")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.sample import sample_segments

        sample_segments(self.segments.get_path(), self.num_segments, self.out_segments.get_path())
