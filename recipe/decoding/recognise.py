"""Decoding a list of segments: what the search reads, loaded and checked, and what it could not keep."""

import json
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import kenlm
import numpy as np
from sisyphus import tk

from recipe.decoding.config import AnySearchFiles, SearchConfig, SearchFiles
from recipe.decoding.search import PrefixTree, Search
from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.hdf import HdfReader
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import Spellings, read_lexicon
from recipe.formats.log_prior import read_log_prior
from recipe.formats.segments import Segment, read_segments


@dataclass(frozen=True)
class Inputs(ABC):
    """Everything a search reads, in memory except for the emissions."""

    emissions: HdfReader
    """By segment name."""
    segments: list[Segment]
    """To decode."""
    labels: list[str]
    """In index order, the blank last: V."""
    lexicon: Spellings
    lm_path: str

    @property
    @abstractmethod
    def dropped(self) -> Spellings:
        """Pronunciations that the search cannot output."""

    @abstractmethod
    def scores(self, name: str) -> Any:
        """What the search takes of one segment; its length is in frames.

        :raises InputError: when its emissions are damaged, of another model, or not finite
        """

    @abstractmethod
    def search(self, config: SearchConfig, lm_scale: float, prior_scale: float) -> Callable[[Any], Hypothesis]:
        """The search at one pair of scales: what `scores` returns to a hypothesis."""


def common_inputs(files: AnySearchFiles, segments: tk.Path) -> dict[str, Any]:
    """The attributes of Inputs. :raises InputError: as SearchInputs.load"""
    inventory = read_labels(files.labels.get_path())
    entries = read_lexicon(files.lexicon.get_path(), inventory)
    wanted = distinct_segments(segments.get_path())
    stored = HdfReader(*(path.get_path() for path in files.emissions))
    missing = [segment.name for segment in wanted if segment.name not in stored]
    if missing:
        raise InputError(
            f"{stored.filenames}: no emissions of {missing[0]} ({len(missing)} missing); run the forward job "
            "over features of these segments"
        )
    lm = files.lm.get_path()
    return {"emissions": stored, "segments": wanted, "labels": inventory, "lexicon": entries, "lm_path": lm}


@dataclass(frozen=True)
class SearchInputs(Inputs):
    """Of a search in log posteriors."""

    log_prior: np.ndarray
    """float32 [V]"""
    tree: PrefixTree
    """Lexicon and language model."""

    @classmethod
    def load(cls, files: SearchFiles, segments: tk.Path) -> "SearchInputs":
        """
        :raises InputError: when a file is broken, a segment has no log posteriors, or labels do not fit together
        """
        inputs = common_inputs(files, segments)
        log_prior = read_log_prior(files.prior.get_path(), len(inputs["labels"]))
        tree = PrefixTree(inputs["lexicon"], len(inputs["labels"]), inputs["lm_path"])
        return cls(**inputs, log_prior=log_prior, tree=tree)

    @property
    def dropped(self) -> Spellings:
        """Homophones that their tree node does not hold."""
        return self.tree.dropped

    def scores(self, name: str) -> np.ndarray:
        """See log_posteriors."""
        return self.log_posteriors(name)

    def search(self, config: SearchConfig, lm_scale: float, prior_scale: float) -> Search:
        """See Inputs."""
        return Search(self.tree, config, lm_scale, prior_scale, self.log_prior)

    def log_posteriors(self, name: str) -> np.ndarray:
        """float32 [T, V] of one segment.

        :raises InputError: when they are damaged, of other labels, or not finite
        """
        expected = f"the inventory {len(self.labels)} labels; give the labels that the model was trained with"
        return stored_frames(self.emissions, name, len(self.labels), "log posteriors", expected)


def stored_frames(emissions: HdfReader, name: str, columns: int, what: str, expected: str) -> np.ndarray:
    """float32 [T, columns] of one segment.

    :param what: they are, for messages
    :param expected: what has so many columns, and the mend
    :raises InputError: when they are damaged, of another width, or not finite
    """
    frames = np.asarray(emissions[name], dtype=np.float32)
    if frames.shape[1] != columns:
        raise InputError(f"{what} of {name} have {frames.shape[1]} columns, {expected}")
    if not np.isfinite(frames).all():
        raise InputError(f"{emissions.filename(name)}: {what} of {name} are not all finite; check the model")
    return frames


def distinct_segments(path: str) -> list[Segment]:
    """The segments of a file. :raises InputError: when a name occurs twice"""
    segments = list(read_segments(path))
    if len({segment.name for segment in segments}) < len(segments):
        raise InputError(f"{path}: a segment name occurs twice; names tell segments apart")
    return segments


def recognise(inputs: Inputs, config: SearchConfig, lm_scale: float, prior_scale: float) -> dict[str, Hypothesis]:
    """One hypothesis per segment, empty ones included."""
    search = inputs.search(config, lm_scale, prior_scale)
    hypotheses, frames, begin = {}, 0, time.process_time()
    for segment in inputs.segments:
        scores = inputs.scores(segment.name)
        hypotheses[segment.name] = search(scores)
        frames += len(scores)
    cpu_s, speech_s = time.process_time() - begin, frames * config.frame_shift_s
    factor = cpu_s / max(speech_s, config.frame_shift_s)
    print(f"searched {speech_s:.0f} s of speech in {cpu_s:.1f} CPU-seconds: real-time factor {factor:.4f}", flush=True)
    return hypotheses


def write_report(path: str, inputs: Inputs, hypotheses: dict[str, Hypothesis]) -> None:
    """What the search could not do: words it cannot output, words the model lacks, segments without a word.

    Words of the references that the lexicon lacks are among the undecodable ones, and counted by occurrence.
    """
    model = kenlm.Model(inputs.lm_path)
    words = list(dict.fromkeys(word for word, _ in inputs.lexicon))
    decodable = {word for word, _ in set(inputs.lexicon) - set(inputs.dropped)}
    spoken = Counter(word for segment in inputs.segments for word in segment.words.split())
    missing = {word: spoken[word] for word in sorted(spoken.keys() - set(words))}
    spelled = [[word, " ".join(inputs.labels[label] for label in spelling)] for word, spelling in inputs.dropped]
    report: dict[str, Any] = {
        "lexicon_words": len(words),
        "lexicon_pronunciations": len(inputs.lexicon),
        "dropped_homophones": sorted(spelled),
        "undecodable_words": [word for word in [*words, *missing] if word not in decodable],
        "reference_words": spoken.total(),
        "reference_words_outside_lexicon": missing,
        "words_unknown_to_lm": [word for word in words if word not in model],
        "empty_hypotheses": sorted(name for name, found in hypotheses.items() if not found.words),
    }
    with open_text(path, "wt") as file:
        json.dump(report, file, ensure_ascii=False, indent=1)
        file.write("\n")
    for name in ("dropped_homophones", "undecodable_words", "words_unknown_to_lm", "empty_hypotheses"):
        print(f"{name}: {len(report[name])}")
    print(f"reference words outside the lexicon: {sum(missing.values())} of {spoken.total()}")
