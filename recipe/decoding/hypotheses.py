"""What the search recognised: hypotheses.json, one entry per segment."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from recipe.errors import InputError
from recipe.files import open_text
from recipe.lm.text import read_lines


@dataclass(frozen=True)
class Hypothesis:
    """The best word sequence of one segment.

    :param words: words apart by one space; empty when nothing was recognised.
    :param score: of the whole path, natural logarithm.
    :param times_s: (start, end) of each word, from the start of the segment on.
    """

    words: str
    score: float
    times_s: tuple[tuple[float, float], ...]

    def __post_init__(self):
        if len(self.times_s) != len(self.words.split()):
            raise InputError(f"{len(self.words.split())} words with {len(self.times_s)} times; give each word one pair")
        if not math.isfinite(self.score):
            raise InputError(f"the score is {self.score}; a hypothesis needs a finite one")
        for start_s, end_s in self.times_s:
            if not 0 <= start_s <= end_s < math.inf:
                raise InputError(f"a word lasts from {start_s} to {end_s}; times ascend from 0")


def write_hypotheses(path: str, hypotheses: dict[str, Hypothesis]):
    """Write in the order of the segment names, so that equal results are equal bytes."""
    entries = {
        name: {"words": found.words, "score": found.score, "times_s": [list(pair) for pair in found.times_s]}
        for name, found in sorted(hypotheses.items())
    }
    with open_text(path, "wt") as file:
        json.dump(entries, file, ensure_ascii=False, indent=0)
        file.write("\n")


def read_hypotheses(path: str) -> dict[str, Hypothesis]:
    """:raises InputError: naming the file, and the segment where there is one, when it breaks the format."""
    try:
        entries = json.loads("".join(read_lines(path)), object_pairs_hook=lambda pairs: unique(pairs, path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not a hypotheses file ({error}); run the search again") from None
    if not isinstance(entries, dict):
        raise InputError(f"{path}: not a hypotheses file (no mapping of segment names); run the search again")
    return {name: parse(path, name, entry) for name, entry in entries.items()}


def parse(path: str, name: str, entry) -> Hypothesis:
    try:
        times_s = tuple((float(start_s), float(end_s)) for start_s, end_s in entry["times_s"])
        return Hypothesis(" ".join(str(entry["words"]).split()), float(entry["score"]), times_s)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: the entry of segment {name} is broken ({error}); run the search again") from None


def unique(pairs: Iterable[tuple[str, object]], path: str) -> dict:
    """A JSON object as a dict; a repeated key would silently replace a hypothesis."""
    found = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"{path}: {key} occurs twice; keep one")
        found[key] = value
    return found
