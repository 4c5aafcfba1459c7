"""The corpus that a person names by a path: its layout is recognised."""

import os
from pathlib import Path

from recipe.corpus.kaldi import KaldiCorpus, is_data_directory
from recipe.corpus.librispeech import CMUDICT, PUBLISHED, LibriSpeech, MiniLibriSpeech, corpus_folder, local_file
from recipe.corpus.librispeech_files import EVALUATED, LEXICON, LM_TEXT, TRAIN_960
from recipe.corpus.protocol import Corpus
from recipe.corpus.tedlium import TedliumDirectory
from recipe.corpus.tedlium1 import DICTIONARY as RELEASE1_DICTIONARY
from recipe.corpus.tedlium1 import TedliumRelease1
from recipe.corpus.tedlium3 import LEGACY, TedliumRelease3
from recipe.errors import InputError

ANY, TEDLIUM, LIBRISPEECH = "CORPUS", "TEDLIUM_ROOT", "LIBRISPEECH_ROOT"
VARIABLES = (ANY, TEDLIUM, LIBRISPEECH)
"""The environment variables that name a corpus: one of any layout, or one of TED-LIUM's or LibriSpeech's."""


def recognised(path: str | Path) -> Corpus:
    """The corpus in a directory, by its layout; its own counts are accepted, whatever they are.

    :raises InputError: when the directory has no layout that is known
    """
    root = Path(path)
    if not root.is_dir():
        raise InputError(f"{root} is not a directory; give the root of a corpus")
    for recognise in (_tedlium, _librispeech, _kaldi):
        corpus = recognise(root)
        if corpus is not None:
            return corpus
    raise InputError(
        f"{root} has the layout of no corpus that is known: TED-LIUM (train/stm or legacy/train/stm), LibriSpeech "
        "(train-clean-100/<speaker>/<chapter> and the like), a Kaldi data directory (wav.scp, or train/wav.scp); give "
        "the root of one of these"
    )


def _tedlium(root: Path) -> Corpus | None:
    """Release 3 has two distributions, of which the legacy one is taken; release 1 is known by its dictionary."""
    if (root / LEGACY / "train" / "stm").is_dir():
        return TedliumRelease3(root=str(root), expected=None)
    if (root / "train" / "stm").is_dir() and (root / RELEASE1_DICTIONARY).is_file():
        return TedliumRelease1(root=str(root), expected=None)
    return TedliumDirectory(root=str(root)) if (root / "train" / "stm").is_dir() else None


def _librispeech(root: Path) -> Corpus | None:
    folder = corpus_folder(root)
    present = {path.name for path in folder.iterdir() if path.is_dir()}
    dictionary = PUBLISHED if local_file(root.absolute(), LEXICON) else CMUDICT
    lm_text = local_file(root.absolute(), LM_TEXT) is not None
    if {"train-clean-5", "dev-clean-2"} <= present:
        return MiniLibriSpeech(root=str(root), dictionary=dictionary, lm_text=lm_text)
    train, evaluated = ([one for one in names if one in present] for names in (TRAIN_960, EVALUATED))
    if not train and not evaluated:
        return None
    if not train or len(evaluated) < 2:
        found = ", ".join([*train, *evaluated])
        raise InputError(f"{folder} holds {found} of LibriSpeech; add a training subset, and two to evaluate on")
    dev = next(one for one in ("dev-other", "dev-clean", *evaluated) if one in evaluated)
    tests = tuple(one for one in evaluated if one != dev)
    return LibriSpeech(
        root=str(root),
        dictionary=dictionary,
        lm_text=lm_text,
        train_subsets=tuple(train),
        dev_subset=dev,
        test_subsets=tests,
        published_counts=False,
    )


def _kaldi(root: Path) -> Corpus | None:
    return KaldiCorpus(root=str(root)) if is_data_directory(root) or is_data_directory(root / "train") else None


def corpus_of_environment(otherwise: Corpus) -> Corpus:
    """The corpus that an environment variable names (VARIABLES), else the given one.

    :raises InputError: when two are set, when CORPUS names a directory without a layout that is known, or
        LIBRISPEECH_ROOT one that is not LibriSpeech's
    """
    given = {name: path for name in VARIABLES if (path := os.environ.get(name))}
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} are set; set one of them, since a graph runs on one corpus")
    if ANY in given:
        return recognised(given[ANY])
    if TEDLIUM in given:  # its own messages say what is missing
        return _tedlium(Path(given[TEDLIUM])) or TedliumDirectory(root=given[TEDLIUM])
    if LIBRISPEECH in given:
        corpus = recognised(given[LIBRISPEECH])
        if not isinstance(corpus, LibriSpeech | MiniLibriSpeech):
            raise InputError(f"{LIBRISPEECH} names {given[LIBRISPEECH]}, which is not LibriSpeech; set {ANY} to it")
        return corpus
    return otherwise
