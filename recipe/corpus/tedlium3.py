"""TED-LIUM release 3 (OpenSLR resource 51): twice the talks of release 2, divided in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.corpus.config import CorpusCounts, PartCounts
from recipe.corpus.layout import check_lm_text, check_part, dictionary_path, lm_text_paths
from recipe.corpus.release2 import Release2Corpus
from recipe.corpus.remote import RemoteArchive, openslr
from recipe.corpus.tedlium import LM_TEXTS, transcribed_hours
from recipe.errors import require

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

LEGACY, SPEAKER_ADAPTATION = "legacy", "speaker-adaptation"
DISTRIBUTIONS = (LEGACY, SPEAKER_ADAPTATION)
"""Folders that divide the talks: dev and test of release 2, or parts made for experiments on speaker adaptation."""
LEGACY_COUNTS = CorpusCounts(
    parts=(
        PartCounts(part="train", segments=268_263, recordings=2_351),
        PartCounts(part="dev", segments=507, recordings=8),
        PartCounts(part="test", segments=1_155, recordings=11),
    )
)
"""2,351 talks (its README) of 268,263 lines (TensorFlow Datasets); dev and test are those of release 2."""
RELEASE3_HOURS = {
    LEGACY: {"train": 452.0, "dev": 1.60, "test": 2.62},
    SPEAKER_ADAPTATION: {"train": 444.0, "dev": 4.0, "test": 4.0},
}
"""Hours of audio: its README; of the other distribution by the sizes of its parts on a mirror (dev and test have 0.49
GB each), for estimates alone."""
RELEASE3_ARCHIVE = RemoteArchive(
    file=openslr(
        51,
        "TEDLIUM_release-3.tgz",
        54_320_173_876,
        sha256="ad1e454d14d1ad550bc2564c462d87c7a7ec83d4dc2b9210f22ab4973b9eccdb",
    ),
    folder=LEGACY,
    unpacked_bytes=70_000_000_000,
)
"""Size and digest: TensorFlow Datasets; torchaudio records the same digest."""


@dataclass(frozen=True, kw_only=True)
class TedliumRelease3(Release2Corpus):
    """Release 3: an existing directory, or its archive. Dictionary and LM are at the top, the parts in a folder."""

    root: str | None = None
    """The directory; None downloads the archive."""
    identity: str | None = None
    """Names its content in job hashes: with it, the directory may move without any job running again."""
    distribution: str = LEGACY
    """`legacy` or `speaker-adaptation`."""
    expected: CorpusCounts | None = LEGACY_COUNTS
    """The counts that its parts must have; any other number of segments or recordings is an error. None are published
    of `speaker-adaptation`, whose default is None."""

    def __post_init__(self) -> None:
        require(
            self.distribution in DISTRIBUTIONS,
            f"TedliumRelease3.distribution is {self.distribution!r}; give {' or '.join(map(repr, DISTRIBUTIONS))}",
        )
        if self.distribution != LEGACY and self.expected == LEGACY_COUNTS:
            object.__setattr__(self, "expected", None)

    @property
    def parts_folder(self) -> str:
        """That of the distribution."""
        return self.distribution

    def directory(self) -> tk.Path:
        """The directory, after a first look at what it holds, or what the download leaves.

        :raises InputError: for the first gap
        """
        from sisyphus import tk

        from recipe.corpus.remote_jobs import DownloadArchiveJob

        if self.root is None:
            return DownloadArchiveJob(RELEASE3_ARCHIVE).out_root
        root = Path(self.root).absolute()
        for part in self.parts:
            check_part(root / self.distribution, part)
        dictionary_path(root)
        for path in lm_text_paths(root):
            check_lm_text(path)
        return tk.Path(str(root), hash_overwrite=self.identity)

    def lm_text_names(self) -> tuple[str, ...]:
        """The six texts of release 2; in a directory those that are there, sorted."""
        if self.root is None:
            return LM_TEXTS
        return tuple(path.name.removesuffix(".en.gz") for path in lm_text_paths(Path(self.root)))

    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part: as published, or of another selection by its transcripts."""
        if self.root is None or self.expected == LEGACY_COUNTS:
            return RELEASE3_HOURS[self.distribution][part]
        return transcribed_hours(Path(self.root) / self.distribution, part, self.stm_rules)

    def plan_notes(self) -> list[str]:
        """How much is downloaded from where."""
        return [] if self.root else [RELEASE3_ARCHIVE.note("TEDLIUM_ROOT")]
