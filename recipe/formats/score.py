"""score.json: word error rate of a system on a part of the corpus, with its counts and its interval."""

import json
from os import PathLike
from typing import TypedDict

from recipe.errors import InputError
from recipe.files import open_text, read_json


class Score(TypedDict):
    """The keys that readers rely on; there may be others."""

    utterances: int
    words: int
    """Of the reference."""
    insertions: int
    deletions: int
    substitutions: int
    wer_percent: float
    interval95_percent: list[float]
    """[low, high]"""


def write_score(path: str | PathLike, score: Score) -> None:
    """One key per line."""
    with open_text(path, "wt") as file:
        file.write(json.dumps(score, indent=1) + "\n")


def read_score(path: str | PathLike) -> Score:
    """:raises InputError: when the file is broken, or its rate is not that of its counts"""
    score = read_json(path)
    try:
        errors = score["insertions"] + score["deletions"] + score["substitutions"]
        whole = abs(score["wer_percent"] - 100 * errors / score["words"]) < 1e-6
        low, high = score["interval95_percent"]
        whole = whole and low <= high
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        whole = False
    if not whole:
        raise InputError(f"{path} is not a score, or its rate is not that of its counts; score again")
    return score
