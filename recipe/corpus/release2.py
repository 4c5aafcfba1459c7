"""What corpora in the layout of TED-LIUM release 2 share: their parts, and the jobs from a directory to segments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recipe.corpus.config import CorpusCounts, SegmentPadding, StmRules
from recipe.corpus.layout import PARTS
from recipe.corpus.protocol import LmTexts, Parts, PreparedCorpus, PreparedPart

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk


@dataclass(frozen=True, kw_only=True)
class Release2Corpus(ABC):
    """A corpus whose directory is laid out like TED-LIUM release 2; subclasses say where that directory comes from."""

    padding: SegmentPadding = SegmentPadding()
    """How far training segments grow. Parts for evaluation keep the times of their transcripts."""
    stm_rules: StmRules = StmRules()
    """How transcripts are edited, and which damage is tolerated."""
    expected: CorpusCounts | None = None
    """The counts that its parts must have; any other number of segments or recordings is an error."""

    parts: ClassVar[Parts] = PARTS
    """The parts of release 2."""

    @property
    def parts_folder(self) -> str:
        """The folder that holds the parts, within the directory; "" for the directory itself."""
        return ""

    @abstractmethod
    def directory(self) -> tk.Path:
        """The directory in the layout of release 2, or the job output that will be one."""

    @abstractmethod
    def lm_text_names(self) -> tuple[str, ...]:
        """The names of its `LM/<name>.en.gz`."""

    def dictionary_of(self, directory: tk.Path) -> tk.Path:
        """The dictionary: the directory itself, which holds one `*.dic`."""
        return directory

    def plan_notes(self) -> list[str]:
        """Nothing."""
        return []

    def prepare(self) -> PreparedCorpus:
        """Transcripts -> segments of each part, their counts checked where they are known."""
        directory = self.directory()
        root = directory.join_right(self.parts_folder) if self.parts_folder else directory
        names = self.lm_text_names()
        return PreparedCorpus(
            roles=self.parts,
            parts={part: self._prepared_part(root, part) for part in self.parts},
            root=root,
            dictionary=self.dictionary_of(directory),
            lm_texts=LmTexts(
                all=(directory.join_right("LM"),) if names else (),
                by_name={name: directory.join_right(f"LM/{name}.en.gz") for name in names},
            ),
            text_rule=self.stm_rules.text,
        )

    def _prepared_part(self, root: tk.Path, part: str) -> PreparedPart:
        from recipe.corpus.jobs import CheckCountsJob, SegmentCorpusJob

        padding = self.padding if part == self.parts.train else None
        job = SegmentCorpusJob(root, part, padding, self.stm_rules)
        segments = job.out_segments
        if self.expected is not None:
            segments = CheckCountsJob(root, segments, part, self.expected).out_segments
        return PreparedPart(
            segments=segments,
            text=job.out_text,
            statistics=job.out_statistics,
            transcripts=root.join_right(f"{part}/stm"),
        )
