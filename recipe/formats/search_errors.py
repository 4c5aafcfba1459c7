"""search_errors.json: a sample of a part's utterances, searched a second time with a wider beam."""

import json
from dataclasses import asdict, dataclass
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text, read_json

TOLERANCE = 1e-4
"""Scores closer than this are the same: float32 sums in another order."""


@dataclass(frozen=True, kw_only=True)
class SearchedTwice:
    """One utterance at both widths."""

    name: str
    """Of the segment."""
    words: int
    """Of the reference."""
    errors: int
    """Word errors of the search that tables report."""
    wide_errors: int
    """Of the wider one."""
    score: float | None
    """Of the hypothesis that tables report, natural logarithm; None where no word was reached."""
    wide_score: float | None
    """Of the wider search's."""

    @property
    def missed(self) -> bool:
        """A search error: the wider search found what the models score higher."""
        if self.wide_score is None:
            return False
        return self.score is None or self.wide_score > self.score + TOLERANCE


@dataclass(frozen=True, kw_only=True)
class SearchErrors:
    """A sample with the widths of both searches."""

    search: str
    """Beam, labels per frame and threshold: `1024/24/18`."""
    wide: str
    """The same of the wider search."""
    utterances: tuple[SearchedTwice, ...]


def write_search_errors(path: str | PathLike, found: SearchErrors) -> None:
    """One key per line."""
    with open_text(path, "wt") as file:
        json.dump(asdict(found), file, ensure_ascii=False, indent=1)
        file.write("\n")


def read_search_errors(path: str | PathLike) -> SearchErrors:
    """:raises InputError: when the file is broken or holds no utterance"""
    content = read_json(path)
    try:
        utterances = tuple(SearchedTwice(**entry) for entry in content["utterances"])
        found = SearchErrors(search=content["search"], wide=content["wide"], utterances=utterances)
    except (KeyError, TypeError):
        found = None
    if found is None or not found.utterances:
        raise InputError(f"{path} is no sample of search errors; run the search of the sample again")
    return found
