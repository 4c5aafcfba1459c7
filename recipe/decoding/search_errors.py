"""Searching a sample of utterances again with a wider beam, to say what the search missed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from recipe.decoding.config import SearchConfig
from recipe.decoding.recognise import Inputs, recognise
from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.search_errors import SearchedTwice, SearchErrors
from recipe.scoring.alignment import count_errors

T = TypeVar("T")
AnyInputs = TypeVar("AnyInputs", bound=Inputs)
GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, less their whole part, spread evenly: samples of different shift share few utterances."""


def evenly_spaced(items: Sequence[T], number: int, shift: int) -> list[T]:
    """`number` of the items at equal distances, or all if there are fewer.

    :param shift: moves the sample along, so that samples of different systems are not the same utterances
    """
    number = min(number, len(items))
    offset = shift * GOLDEN % 1
    return [items[math.floor((i + offset) * len(items) / number)] for i in range(number)]


def search_again(
    inputs: Inputs,
    narrow: Mapping[str, Hypothesis],
    search: SearchConfig,
    factor: int,
    scales: tuple[float, float],
) -> SearchErrors:
    """The segments of the inputs at both widths.

    :param narrow: what was recognised with `search` at the same scales, at least of these segments
    :param factor: of SearchConfig.wider
    :param scales: LM and prior scale
    :raises InputError: when a segment has no hypothesis
    """
    missing = [segment.name for segment in inputs.segments if segment.name not in narrow]
    if missing:
        raise InputError(f"segment {missing[0]} of the sample has no hypothesis; search the whole part again")
    wider = search.wider(factor)
    wide = recognise(inputs, wider, *scales)
    utterances = tuple(
        SearchedTwice(
            name=segment.name,
            words=len(segment.words.split()),
            errors=count_errors(segment.words, narrow[segment.name].words),
            wide_errors=count_errors(segment.words, wide[segment.name].words),
            score=score_of(narrow[segment.name]),
            wide_score=score_of(wide[segment.name]),
        )
        for segment in inputs.segments
    )
    return SearchErrors(search=search.width, wide=wider.width, utterances=utterances)


def score_of(found: Hypothesis) -> float | None:
    """The score of a hypothesis; None of one that stands for no result."""
    return None if found.score == 0 and not found.words else found.score


def sampled(inputs: AnyInputs, number: int, shift: int) -> AnyInputs:
    """The same with a sample of the segments."""
    return replace(inputs, segments=evenly_spaced(inputs.segments, number, shift))
