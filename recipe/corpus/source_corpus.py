"""What corpora of any layout but TED-LIUM's share: sources of utterances -> segments; a dictionary, or CMU's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recipe.corpus.config import CorpusCounts
from recipe.corpus.protocol import LmTexts, Parts, PreparedCorpus, PreparedPart
from recipe.corpus.recordings import AudioRules
from recipe.corpus.remote import RemoteFile
from recipe.corpus.source import Source
from recipe.corpus.text_rule import TextRule

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

LOWER_CASE = TextRule(lower_case=True)
"""Dictionaries, LM texts and transcripts of public corpora differ in case, words do not."""


@dataclass(frozen=True, kw_only=True)
class SourceCorpus(ABC):
    """A corpus whose parts are sources; subclasses say which, and where their files are."""

    text_rule: TextRule = LOWER_CASE
    """How words are written, in transcripts, dictionary and LM texts."""
    audio: AudioRules = AudioRules()
    """Which recordings are accepted."""

    @property
    @abstractmethod
    def parts(self) -> Parts:
        """The names of its parts by role."""

    @property
    def expected(self) -> CorpusCounts | None:
        """The counts that its parts must have; None where none are known."""
        return None

    @abstractmethod
    def source(self, part: str) -> Source:
        """Where the utterances of a part stand."""

    @abstractmethod
    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part."""

    @abstractmethod
    def directory(self) -> tk.Path:
        """What recordings are relative to: an existing directory, or what a job will leave.

        :raises InputError: when it cannot be used
        """

    def dictionary_of(self, root: tk.Path) -> tk.Path:
        """The dictionary in the form that the lexicon stage reads; by default CMU's."""
        return cmudict()

    def lm_texts(self, root: tk.Path) -> LmTexts:
        """The texts for the language model besides the transcripts; by default none."""
        return LmTexts(all=(), by_name={})

    def language_models(self) -> dict[str, tk.Path | RemoteFile]:
        """Published models in ARPA form by name; by default none."""
        return {}

    def plan_notes(self) -> list[str]:
        """Nothing."""
        return []

    def prepare(self) -> PreparedCorpus:
        """Utterances -> segments of each part, their counts checked where they are known."""
        root, roles = self.directory(), self.parts
        return PreparedCorpus(
            roles=roles,
            parts={part: self._prepared_part(root, part) for part in roles},
            root=root,
            dictionary=self.dictionary_of(root),
            lm_texts=self.lm_texts(root),
            text_rule=self.text_rule,
            language_models=self.language_models(),
        )

    def _prepared_part(self, root: tk.Path, part: str) -> PreparedPart:
        from recipe.corpus.source_jobs import SegmentSourceJob

        expected = self.expected.of(part) if self.expected is not None else None
        job = SegmentSourceJob(root, self.source(part), part, self.text_rule, self.audio, expected)
        return PreparedPart(segments=job.out_segments, text=job.out_text, statistics=job.out_statistics)


def cmudict() -> tk.Path:
    """CMU's dictionary."""
    from recipe.corpus.source_jobs import CmudictJob

    return CmudictJob().out_dictionary


def plain_dictionary(given: tk.Path) -> tk.Path:
    """A dictionary with or without stress digits, in any case, in the form of the lexicon stage."""
    from recipe.corpus.source_jobs import PlainDictionaryJob

    return PlainDictionaryJob(given).out_dictionary
