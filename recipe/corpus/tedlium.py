"""TED-LIUM release 2 (OpenSLR resource 19) as a value: an existing directory, or the archive to be downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.corpus.config import CorpusCounts, PartCounts, StmRules
from recipe.corpus.layout import check_layout, check_part, lm_text_paths
from recipe.corpus.release2 import Release2Corpus
from recipe.corpus.stm import read_stm
from recipe.errors import require

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

PUBLISHED_COUNTS = CorpusCounts(
    parts=(
        PartCounts(part="train", segments=92_973, recordings=1_495),
        PartCounts(part="dev", segments=507, recordings=8),
        PartCounts(part="test", segments=1_155, recordings=11),
    )
)
"""Release 2 without its ignored stretches of speech. A public parser that kept them counts 1,157 in test."""

PUBLISHED_HOURS = {"train": 212.07, "dev": 1.60, "test": 2.62}
"""Hours of audio in the segments of release 2, those of train with their padding (docs/paper.md, Corpus)."""

LM_TEXTS = (
    "commoncrawl-9pc",
    "europarl-v7-6pc",
    "giga-fren-4pc",
    "news-18pc",
    "news-commentary-v8-9pc",
    "yandex-1m-31pc",
)
"""The texts for the language model in release 2, `LM/<name>.en.gz`."""


@cache
def transcribed_hours(root: Path, part: str, rules: StmRules) -> float:
    """Hours of the segments in `<root>/<part>/stm`, without padding.

    :raises InputError: naming file and line that break the grammar, or a part without transcripts
    """
    check_part(root, part)
    lines = (line for path in sorted((root / part / "stm").glob("*.stm")) for line in read_stm(path, rules))
    return sum(line.end_s - line.start_s for line in lines) / 3600


class _Published:
    """What release 2 answers, wherever its files come from."""

    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part, as published."""
        return PUBLISHED_HOURS[part]


@dataclass(frozen=True, kw_only=True)
class TedliumDirectory(_Published, Release2Corpus):
    """An existing directory laid out like TED-LIUM release 2."""

    root: str
    """The directory."""
    identity: str | None = None
    """Names its content in job hashes: with it, the directory may move without any job running again."""

    def directory(self) -> tk.Path:
        """The directory, after a first look at what it holds.

        :raises InputError: for the first gap
        """
        from sisyphus import tk

        check_layout(self.root)
        return tk.Path(str(Path(self.root).absolute()), hash_overwrite=self.identity)

    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part: as published, or of another corpus in this layout by its
        transcripts."""
        if self.expected == PUBLISHED_COUNTS:
            return super().hours(part)
        return transcribed_hours(Path(self.root), part, self.stm_rules)

    def lm_text_names(self) -> tuple[str, ...]:
        """Those that are there, sorted."""
        return tuple(path.name.removesuffix(".en.gz") for path in lm_text_paths(Path(self.root)))


@dataclass(frozen=True, kw_only=True)
class TedliumArchive(_Published, Release2Corpus):
    """The archive of release 2, or another one with the same content, to be downloaded and unpacked.

    Size and digest are those that TensorFlow Datasets records; torchaudio records the same digest.
    """

    urls: tuple[str, ...] = tuple(
        f"https://{host}/resources/19/TEDLIUM_release2.tar.gz"
        for host in ("www.openslr.org", "us.openslr.org", "openslr.elda.org")
    )
    """Tried in order; each must offer the same file."""
    size_bytes: int = 36_791_529_840
    """Size of the archive."""
    sha256: str | None = "93281b5fcaaae5c88671c9d000b443cb3c7ea3499ad12010b3934ca41a7b9c58"
    """Its digest in hexadecimal; None checks the size alone."""
    unpacked_bytes: int = 48_000_000_000
    """Estimate of the size of its content, to check the free disk space before the download (speech hardly shrinks in
    gzip)."""
    expected: CorpusCounts | None = PUBLISHED_COUNTS
    """The counts that its parts must have; any other number of segments or recordings is an error."""

    def __post_init__(self) -> None:
        require(bool(self.urls), "TedliumArchive.urls is empty; give at least one address of the archive")
        for url in self.urls:
            known = url.startswith(("https://", "http://"))
            require(known, f"TedliumArchive.urls holds {url!r}; give addresses that begin with https:// or http://")
        require(self.size_bytes > 0, f"TedliumArchive.size_bytes is {self.size_bytes}; it must be above 0")
        digits = self.sha256 is None or (len(self.sha256) == 64 and set(self.sha256) <= set("0123456789abcdef"))
        require(digits, f"TedliumArchive.sha256 is {self.sha256!r}; give 64 hexadecimal digits in lower case, or None")

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: the content of the archive, wherever it comes from."""
        if self.sha256 is not None:
            return {"sha256": self.sha256}
        return {"urls": self.urls, "size_bytes": self.size_bytes}

    def directory(self) -> tk.Path:
        """What the download leaves."""
        from recipe.corpus.jobs import DownloadCorpusJob

        return DownloadCorpusJob(self).out_root

    def lm_text_names(self) -> tuple[str, ...]:
        """The six texts of release 2."""
        return LM_TEXTS

    def plan_notes(self) -> list[str]:
        """How much is downloaded from where."""
        return [
            f"To download: {self.size_bytes / 1e9:.1f} GB from {self.urls[0]}, unpacked about "
            f"{self.unpacked_bytes / 1e9:.0f} GB; or set TEDLIUM_ROOT to a directory that holds the corpus."
        ]
