"""TED-LIUM release 1 (OpenSLR resource 7): markers in the transcripts, no texts for the language model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.corpus.config import CorpusCounts, PartCounts, StmRules
from recipe.corpus.layout import check_part
from recipe.corpus.release2 import Release2Corpus
from recipe.corpus.remote import RemoteArchive, openslr
from recipe.corpus.source_corpus import plain_dictionary
from recipe.corpus.tedlium import transcribed_hours
from recipe.errors import InputError

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

DICTIONARY = "TEDLIUM.150K.dic"
"""Its dictionary, at the top of the directory."""
RELEASE1_COUNTS = CorpusCounts(
    parts=(
        PartCounts(part="train", segments=None, recordings=774),
        PartCounts(part="dev", segments=507, recordings=8),
        PartCounts(part="test", segments=1_155, recordings=11),
    )
)
"""774 talks to train on (dataset card of LIUM/tedlium); their 56,803 lines (TensorFlow Datasets) include some without a
word. Dev and test are those of release 2 (README of release 3)."""
RELEASE1_HOURS = {"train": 118.0, "dev": 1.60, "test": 2.62}
"""Hours of audio (README of release 1; dev and test as in release 2)."""
RELEASE1_ARCHIVE = RemoteArchive(
    file=openslr(
        7,
        "TEDLIUM_release1.tar.gz",
        21_285_615_015,
        sha256="30301975fd8c5cac4040c261c0852f57cfa8adbbad2ce78e77e4986957445f27",
    ),
    folder="train",
    unpacked_bytes=27_000_000_000,
)
"""Size and digest: TensorFlow Datasets; torchaudio records the same digest."""


@dataclass(frozen=True, kw_only=True)
class TedliumRelease1(Release2Corpus):
    """Release 1: an existing directory, or its archive."""

    root: str | None = None
    """The directory; None downloads the archive."""
    identity: str | None = None
    """Names its content in job hashes: with it, the directory may move without any job running again."""
    stm_rules: StmRules = StmRules(drop_markers=True, drop_line_keys=True)
    """Its lines hold markers as `{NOISE}`, `<sil>` and the `(2)` of `for(2)`, and in train end in a key."""
    expected: CorpusCounts | None = RELEASE1_COUNTS
    """The counts that its parts must have; any other number of segments or recordings is an error."""

    def directory(self) -> tk.Path:
        """The directory, after a first look at what it holds, or what the download leaves.

        :raises InputError: for the first gap
        """
        from sisyphus import tk

        from recipe.corpus.remote_jobs import DownloadArchiveJob

        if self.root is None:
            return DownloadArchiveJob(RELEASE1_ARCHIVE).out_root
        root = Path(self.root).absolute()
        for part in self.parts:
            check_part(root, part)
        if not (root / DICTIONARY).is_file():
            raise InputError(f"{root / DICTIONARY} is not there; unpack the archive of release 1 completely")
        return tk.Path(str(root), hash_overwrite=self.identity)

    def dictionary_of(self, directory: tk.Path) -> tk.Path:
        """Its dictionary without entries of noises."""
        return plain_dictionary(directory.join_right(DICTIONARY))

    def lm_text_names(self) -> tuple[str, ...]:
        """None: the language model is of the transcripts."""
        return ()

    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part: as published, or of another selection by its transcripts."""
        if self.root is None or self.expected == RELEASE1_COUNTS:
            return RELEASE1_HOURS[part]
        return transcribed_hours(Path(self.root), part, self.stm_rules)

    def plan_notes(self) -> list[str]:
        """How much is downloaded from where."""
        return [] if self.root else [RELEASE1_ARCHIVE.note("TEDLIUM_ROOT")]
