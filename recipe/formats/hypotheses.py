"""hypotheses.json: what a search recognised, one entry per segment."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text


@dataclass(frozen=True)
class Hypothesis:
    """The best word sequence of one segment.

    :raises InputError: when the score is not finite, or words and times do not match
    """

    words: str
    """Separated by one space; empty when nothing was recognised."""
    score: float
    """Of the whole path, natural logarithm."""
    times_s: tuple[tuple[float, float], ...]
    """(start, end) of each word, from the start of the segment."""

    def __post_init__(self):
        if len(self.times_s) != len(self.words.split()):
            raise InputError(f"{len(self.words.split())} words with {len(self.times_s)} times; give each word one pair")
        if not math.isfinite(self.score):
            raise InputError(f"the score is {self.score}; a hypothesis needs a finite one")
        for start_s, end_s in self.times_s:
            if not 0 <= start_s <= end_s < math.inf:
                raise InputError(f"a word lasts from {start_s} to {end_s}; times ascend from 0")


def write_hypotheses(path: str | PathLike, hypotheses: Mapping[str, Hypothesis]) -> None:
    """Write in the order of the segment names, so that equal results give equal bytes."""
    entries = {
        name: {"words": found.words, "score": found.score, "times_s": [list(pair) for pair in found.times_s]}
        for name, found in sorted(hypotheses.items())
    }
    with open_text(path, "wt") as file:
        json.dump(entries, file, ensure_ascii=False, indent=0)
        file.write("\n")


def read_hypotheses(path: str | PathLike) -> dict[str, Hypothesis]:
    """Segment name -> hypothesis.

    :raises InputError: naming the file, and the segment where there is one, when the file breaks the format
    """
    try:
        with open_text(path) as file:
            entries = json.load(file, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a hypotheses file ({error}); run the search again") from None
    if not isinstance(entries, dict):
        raise InputError(f"{path}: not a hypotheses file (no mapping of segment names); run the search again")
    return {name: _parsed(path, name, entry) for name, entry in entries.items()}


def _parsed(path: str | PathLike, name: str, entry: dict) -> Hypothesis:
    try:
        times_s = tuple((float(start_s), float(end_s)) for start_s, end_s in entry["times_s"])
        return Hypothesis(" ".join(str(entry["words"]).split()), float(entry["score"]), times_s)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: the entry of segment {name} is broken ({error}); run the search again") from None


def _unique(pairs: Iterable[tuple[str, object]], path: str | PathLike) -> dict:
    """A JSON object as a dict; a repeated key would silently replace a hypothesis."""
    found = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"{path}: {key} occurs twice; keep one")
        found[key] = value
    return found
