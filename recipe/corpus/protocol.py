"""What a corpus is to the rest of a graph: a value that names its parts by role and makes the jobs that prepare it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from recipe.corpus.text_rule import TextRule
from recipe.errors import InputError, require
from recipe.names import checked_name

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

    from recipe.corpus.config import CorpusCounts
    from recipe.corpus.remote import RemoteFile


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The names of a corpus' parts, by role. Names begin segment names and stand in the names of outputs.

    :raises InputError: for a role without a part, a part named twice, or a name that recipe/names.py refuses
    """

    train: str = ""
    """What models are trained on. Required."""
    dev: str = ""
    """What decisions are made on: LM and prior scales, the best checkpoint, weights of an LM mixture. Required."""
    tests: tuple[str, ...] = ()
    """What is scored and decides nothing. At least one."""

    def __post_init__(self) -> None:
        require(not isinstance(self.tests, str), f"tests is {self.tests!r}; give a tuple of names, as in ('test',)")
        object.__setattr__(self, "tests", tuple(self.tests))
        require(bool(self.train), "the corpus has no train part; give Parts.train, the part to train on")
        require(bool(self.dev), "the corpus has no dev part; give Parts.dev, the part that search scales are tuned on")
        require(bool(self.tests), "the corpus has no test part; give at least one name in Parts.tests")
        for name in self:
            checked_name(name, "a part")
            require(list(self).count(name) == 1, f"the part {name!r} is named twice; a part has one role")

    @property
    def evaluated(self) -> tuple[str, ...]:
        """The parts that systems are scored on: dev, then the tests."""
        return (self.dev, *self.tests)

    def __iter__(self) -> Iterator[str]:
        """All parts: train, dev, tests."""
        yield from (self.train, self.dev, *self.tests)


@dataclass(frozen=True, kw_only=True)
class PreparedPart:
    """The files of one part."""

    segments: tk.Path
    """Segment file (recipe/formats/segments.py); what needs complete data takes it from here."""
    text: tk.Path
    """The transcripts, a line per segment, words separated by one space."""
    statistics: tk.Path
    """JSON object with at least segments, recordings, seconds, words and speakers."""
    transcripts: tk.Path | None = None
    """Folder of the .stm files that the segments were made from, for the corpus report to count what was left out of
    them; None where there are none."""


@dataclass(frozen=True, kw_only=True)
class LmTexts:
    """Texts for the language model besides the transcripts: a sentence per line, UTF-8, `.gz` or plain."""

    all: tuple[tk.Path, ...]
    """All of them, for one model: files, or folders whose `*.en.gz` are taken in the order of their names."""
    by_name: Mapping[str, tk.Path]
    """Each file under the name that `MixtureConfig.texts` selects it by, in the order of the mixture."""

    def __post_init__(self) -> None:
        for name in self.by_name:
            checked_name(name, "an LM text")

    def named(self, names: tuple[str, ...] | None) -> dict[str, tk.Path]:
        """The texts with these names; None gives all.

        :raises InputError: for a name that the corpus does not have, or when it has none
        """
        chosen = tuple(self.by_name) if names is None else names
        require(bool(chosen), "the corpus names no LM texts, so that there is nothing to mix; use NgramConfig")
        for name in chosen:
            known = ", ".join(self.by_name) or "none"
            require(name in self.by_name, f"the corpus has no LM text {name!r} (it has {known}); name one of these")
        return {name: self.by_name[name] for name in chosen}


@dataclass(frozen=True, kw_only=True)
class PreparedCorpus:
    """The files of a corpus as its jobs will leave them.

    :raises InputError: when `parts` are not those that `roles` names
    """

    roles: Parts
    """The part names by role."""
    parts: Mapping[str, PreparedPart]
    """The files of every part, by its name."""
    root: tk.Path
    """The directory that recordings in segment files are relative to."""
    dictionary: tk.Path
    """Pronunciations, `word PHONE PHONE ...` a line (recipe/lexicon/dictionary.py): the file, or a folder with one
    `*.dic`."""
    lm_texts: LmTexts
    """Texts for the language model besides the transcripts."""
    text_rule: TextRule = TextRule()
    """How words are written. The segments already obey it; the lexicon and LM jobs apply it to dictionary and texts."""
    language_models: Mapping[str, tk.Path | RemoteFile] = field(default_factory=dict)
    """Published models in ARPA form, `.gz` or plain, under the names that `GivenModel` selects them by."""

    def __post_init__(self) -> None:
        if set(self.parts) != set(self.roles):
            raise InputError(
                f"the corpus prepares the parts {', '.join(self.parts)} where it names {', '.join(self.roles)}; "
                "prepare exactly those"
            )

    @property
    def train(self) -> PreparedPart:
        """The files of the training part."""
        return self.parts[self.roles.train]

    @property
    def dev(self) -> PreparedPart:
        """The files of the dev part."""
        return self.parts[self.roles.dev]

    @property
    def evaluated(self) -> dict[str, PreparedPart]:
        """Name -> files of the parts that systems are scored on."""
        return {name: self.parts[name] for name in self.roles.evaluated}


class Corpus(Protocol):
    """A corpus as a value: what it answers without computing anything, and the jobs that prepare it.

    README.md says how to add one.
    """

    @property
    def parts(self) -> Parts:
        """The names of its parts by role."""

    @property
    def expected(self) -> CorpusCounts | None:
        """The counts that its parts must have, usually as published; None where none are known."""

    def hours(self, part: str) -> float:
        """Hours of audio in the segments of a part, for estimates of run time."""

    def plan_notes(self) -> list[str]:
        """Lines that `make plan` adds to its table, such as the size of a download."""

    def prepare(self) -> PreparedCorpus:
        """Make the jobs that prepare it; nothing runs. Equal values give equal jobs.

        :raises InputError: when the data cannot be used as they are
        """
