"""Kaldi data directories: wav.scp with plain paths, text, utt2spk, and where there are such segments and spk2gender."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.corpus.config import CorpusCounts
from recipe.corpus.protocol import LmTexts, Parts
from recipe.corpus.recordings import audio_header
from recipe.corpus.source import FEMALE_TAG, MALE_TAG, NO_TAG, Source, Utterance, estimated_hours
from recipe.corpus.source_corpus import SourceCorpus, cmudict, plain_dictionary
from recipe.corpus.speaker_split import SpeakersOf, SpeakerSplit
from recipe.errors import InputError
from recipe.given_text import GivenText, TextRules

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

REQUIRED = ("wav.scp", "text", "utt2spk")
_TABLE = TextRules(word_characters=4096)  # paths are words here
_TAGS = {"f": FEMALE_TAG, "m": MALE_TAG, "female": FEMALE_TAG, "male": MALE_TAG}
_DEV_NAMES = ("dev", "valid", "validation")
_DICTIONARIES, _LM_TEXTS = ("lexicon.txt", "*.dic"), ("lm.txt", "lm.txt.gz")


def is_data_directory(path: Path) -> bool:
    """Whether it has a wav.scp."""
    return (path / "wav.scp").is_file()


def _table(path: Path) -> dict[str, tuple[int, str]]:
    """First field of each line -> its number and the rest of it.

    :raises InputError: when the file is missing, or an id stands in it twice
    """
    if not path.is_file():
        raise InputError(f"{path} is not there; a Kaldi data directory needs {', '.join(REQUIRED)}")
    table: dict[str, tuple[int, str]] = {}
    for number, (where, line) in enumerate(GivenText(path, _TABLE).numbered(), start=1):
        key, rest = (*line.strip().split(maxsplit=1), "", "")[:2]
        if not key:
            continue
        if key in table:
            raise InputError(f"{where}: {key} stands in this file twice; keep one of its lines")
        table[sys.intern(key)] = (number, rest)
    return table


def _single_fields(path: Path, what: str) -> dict[str, str]:
    """A table of `id value` lines.

    :raises InputError: for a line without a value, or with several
    """
    values = {}
    for key, (number, rest) in _table(path).items():
        if len(rest.split()) != 1:
            raise InputError(f"{path}:{number}: {key} has {rest!r} where one {what} belongs; write `{key} {what}`")
        values[key] = sys.intern(rest)
    return values


def _same_ids(known: Mapping[str, object], first: Path, others: Mapping[str, object], second: Path) -> None:
    """:raises InputError: naming an id that one file has and the other has not"""
    for lacking, path, having in ((others, second, known), (known, first, others)):
        missing = next((key for key in having if key not in lacking), None)
        if missing is not None:
            count = sum(key not in lacking for key in having)
            other = first if path == second else second
            raise InputError(
                f"{path} lacks {missing}, which {other.name} has ({count:,} such id(s)); give both files the same ids"
            )


def _recordings(folder: Path, root: Path) -> dict[str, str]:
    """Recording id -> its file, relative to `root` where it lies below it.

    :raises InputError: for an entry that is a command or an archive of Kaldi's
    """
    path, found, base = folder / "wav.scp", {}, None
    for key, (number, entry) in _table(path).items():
        where = f"{path}:{number}"
        if entry.endswith("|") or entry.startswith("|"):
            raise InputError(
                f"{where}: the recording {key} is a command ({entry[:40]}), and commands are not run; write its output "
                "into a file and give the path"
            )
        if not entry or entry == "-" or re.search(r"\.ark(:\d+)?$", entry):
            raise InputError(f"{where}: {key} has {entry!r} where a recording belongs; give the path of an audio file")
        if not os.path.isabs(entry):
            base = base or _base(entry, folder, root, where)
            entry = os.path.join(base, entry)
        found[key] = os.path.relpath(entry, root) if entry.startswith(f"{root}{os.sep}") else entry
    return found


def _base(entry: str, folder: Path, root: Path, where: str) -> Path:
    """What relative paths of a wav.scp are relative to: where the first one is found.

    :raises InputError: when that is nowhere
    """
    places = list(dict.fromkeys((folder, root, root.parent)))
    for place in places:
        if (place / entry).is_file():
            return place
    raise InputError(f"{where}: {entry} is in none of {', '.join(map(str, places))}; give the full path")


@dataclass(frozen=True, kw_only=True)
class KaldiSource:
    """One data directory."""

    folder: str
    """Relative to the root of the corpus; "." for the root itself."""

    def utterances(self, root: Path) -> Iterator[Utterance]:
        """Recordings by their ids, the utterances of each by their start. Ids and texts are held in memory.

        :raises InputError: naming file and line: for a missing file, an id that stands twice or in one of the files
            alone, a command in wav.scp, a segment that ends before it starts
        """
        folder = root / self.folder
        recordings = _recordings(folder, root)
        texts = _table(folder / "text")
        speakers = _single_fields(folder / "utt2spk", "speaker")
        _same_ids(texts, folder / "text", speakers, folder / "utt2spk")
        genders = folder / "spk2gender"
        tags = _single_fields(genders, "gender") if genders.is_file() else {}
        timed_in = "segments" if (folder / "segments").is_file() else "text"
        for key, recording, start_s, end_s, number in _times(folder, recordings, texts):
            speaker = speakers[key]
            yield Utterance(
                talk=recording,
                recording=recordings[recording],
                speaker=speaker,
                text=texts[key][1],
                where=f"{folder / timed_in}:{number}",
                start_s=start_s,
                end_s=end_s,
                tag=_TAGS.get(tags.get(speaker, "").lower(), NO_TAG),
            )


Times = tuple[str, str, float, float | None, int]
"""Utterance, recording, start, end, number of the line."""


def _times(folder: Path, recordings: Mapping[str, str], texts: Mapping[str, tuple[int, str]]) -> list[Times]:
    """By recording and start."""
    path = folder / "segments"
    if not path.is_file():
        _same_ids(texts, folder / "text", recordings, folder / "wav.scp")
        return [(key, key, 0.0, None, texts[key][0]) for key in sorted(texts)]
    times = [_segment(key, rest, path, number) for key, (number, rest) in _table(path).items()]
    _same_ids(texts, folder / "text", {key: None for key, *_ in times}, path)
    _same_ids(recordings, folder / "wav.scp", {recording: None for _, recording, *_ in times}, path)
    return sorted(times, key=lambda one: (one[1], one[2], one[0]))


def _segment(key: str, rest: str, path: Path, number: int) -> Times:
    try:
        recording, start, end = rest.split()[:3]
        start_s, end_s = float(start), float(end)
    except ValueError:
        raise InputError(f"{path}:{number}: write `utterance recording start end`, times in seconds") from None
    if not (0 <= start_s < math.inf and (end_s == -1 or start_s < end_s < math.inf)):
        raise InputError(f"{path}:{number}: {key} goes from {start} s to {end} s; mend the times")
    return key, sys.intern(recording), start_s, None if end_s == -1 else end_s, number


@dataclass(frozen=True, kw_only=True)
class KaldiCorpus(SourceCorpus):
    """Kaldi data directories below one root, or a single one.

    Parts that are not given as directories are drawn by speaker out of the training set.
    """

    expected: CorpusCounts | None = None
    """The counts that its parts must have; any other number of segments or recordings is an error."""
    root: str
    """A data directory, or the folder that holds several; relative paths in wav.scp are looked for beside the wav.scp,
    here and in the folder above."""
    identity: str | None = None
    """Names its content in job hashes: with it, the directory may move without any job running again."""
    roles: Parts | None = None
    """Which folder is which part. None takes `train`, `dev` (or `valid`, `validation`) and all that begin with `test`
    or `eval`; a folder that is missing is drawn from `train`."""
    split: SpeakerSplit = SpeakerSplit()
    """How speakers are drawn for parts that have no directory."""
    dictionary: str | None = None
    """Pronunciations, `word PHONE PHONE ...` a line, with or without stress digits. None takes `lexicon.txt` or the one
    `*.dic` in `root`, and without such a file CMU's dictionary."""
    lm_text: str | None = None
    """Text for the language model, a sentence per line. None takes `lm.txt` or `lm.txt.gz` in `root`, and without such
    a file the transcripts alone."""

    @property
    def parts(self) -> Parts:
        """The given roles, else what the folders are named.

        :raises InputError: when there is neither a data directory nor a folder `train` with one
        """
        return self.roles or _roles(self.root)

    def folder_of(self, part: str) -> str:
        """The data directory that its utterances stand in: its own, or that of the training set, or the root."""
        for name in (part, self.parts.train):
            if is_data_directory(Path(self.root) / name):
                return name
        return "."

    def source(self, part: str) -> Source:
        """The directory of the part, else the speakers drawn for it."""
        roles, whole = self.parts, KaldiSource(folder=self.folder_of(part))
        missing = tuple(name for name in roles.evaluated if self.folder_of(name) != name)
        if not missing or part not in (roles.train, *missing):
            return whole
        percents = {roles.dev: self.split.dev_percent}
        shares = tuple((name, percents.get(name, self.split.test_percent) / 100) for name in missing)
        return SpeakersOf(source=whole, part=part, shares=shares, seed=self.split.seed)

    def directory(self) -> tk.Path:
        """The directory, after a first look.

        :raises InputError: when a part of it cannot be used
        """
        from sisyphus import tk

        root = Path(self.root).absolute()
        _check_rates(root, self)
        return tk.Path(str(root), hash_overwrite=self.identity)

    def dictionary_of(self, root: tk.Path) -> tk.Path:
        """See `dictionary`."""
        given = _found(Path(self.root).absolute(), self.dictionary, _DICTIONARIES)
        return cmudict() if given is None else plain_dictionary(self._given(root, given))

    def lm_texts(self, root: tk.Path) -> LmTexts:
        """See `lm_text`."""
        given = _found(Path(self.root).absolute(), self.lm_text, _LM_TEXTS)
        if given is None:
            return LmTexts(all=(), by_name={})
        text = self._given(root, given)
        return LmTexts(all=(text,), by_name={given.name.removesuffix(".gz").removesuffix(".txt"): text})

    def _given(self, root: tk.Path, path: Path) -> tk.Path:
        """A file of the user's: named by its place below the root where it lies there."""
        from sisyphus import tk

        folder = Path(self.root).absolute()
        return root.join_right(str(path.relative_to(folder))) if path.is_relative_to(folder) else tk.Path(str(path))

    def hours(self, part: str) -> float:
        """Hours of audio, from the segments or from a sample of the recordings."""
        return _hours(Path(self.root).absolute(), self.source(part))


@cache
def _roles(root: str) -> Parts:
    folder = Path(root)
    if not folder.is_dir():
        raise InputError(f"{root} is not a directory; give a Kaldi data directory, or the folder that holds several")
    if is_data_directory(folder):
        return Parts(train="train", dev="dev", tests=("test",))
    names = sorted(path.name for path in folder.iterdir() if is_data_directory(path))
    if "train" not in names:
        found = ", ".join(names) or "none"
        raise InputError(
            f"{root}: no folder train with a wav.scp in it (data directories: {found}); name them in roles"
        )
    dev = next((name for name in _DEV_NAMES if name in names), "dev")
    tests = tuple(name for name in names if name.startswith(("test", "eval"))) or ("test",)
    return Parts(train="train", dev=dev, tests=tests)


@cache
def _hours(root: Path, source: Source) -> float:
    return estimated_hours(root, source)


def _check_rates(root: Path, corpus: KaldiCorpus) -> None:
    """The first recording of each data directory: parts of different rates are refused as mixed rates are within one.

    :raises InputError: when they differ, and the rules do not allow it
    """
    first: tuple[int, str] | None = None
    for folder in dict.fromkeys(map(corpus.folder_of, corpus.parts)):
        recordings = _recordings(root / folder, root)
        if not recordings:
            raise InputError(f"{root / folder / 'wav.scp'} names no recording; fill it, or take the folder out")
        path = root / next(iter(recordings.values()))
        rate_hz = audio_header(path).rate_hz
        first = first or (rate_hz, str(path))
        if rate_hz != first[0] and not corpus.audio.mixed_rates:
            raise InputError(
                f"{path} has {rate_hz} Hz where {first[1]} has {first[0]} Hz; convert all to one rate, or accept "
                "several with AudioRules(mixed_rates=True)"
            )


def _found(root: Path, given: str | None, patterns: tuple[str, ...]) -> Path | None:
    """The file that is given, or the one that `root` holds.

    :raises InputError: when the given one is missing, or there are several
    """
    if given is not None:
        path = root / given
        if not path.is_file():
            raise InputError(f"{path} is not there; give the path of the file, or None to do without")
        return path
    found = [path for pattern in patterns for path in sorted(root.glob(pattern))]
    if len(found) > 1:
        raise InputError(f"{root} holds {', '.join(path.name for path in found)}; say which one to take")
    return found[0] if found else None
