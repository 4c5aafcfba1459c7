"""Letters for long lists of choices, the same in every table and plot of one report."""

import re
from collections.abc import Iterable
from string import ascii_lowercase

CHOICES = re.compile(r"\w+=[^\s,]+(?:,\w+=[^\s,]+)+")
"""Two or more choices of a row: `attention_operand_bits=8,start=float`."""


def choice_letters(texts: Iterable[str]) -> dict[str, str]:
    """What each list of choices in these texts is called, `(a)`, the shortest first.

    :param texts: names of all rows of a report, or whatever holds them
    """
    found = {choices for text in texts for choices in CHOICES.findall(text)}
    return {text: f"({letter(index)})" for index, text in enumerate(sorted(found, key=lambda text: (len(text), text)))}


def letter(index: int) -> str:
    """a, b, ..., z, aa, ab, ...: the letters of an index from 0."""
    before, here = divmod(index, len(ascii_lowercase))
    return (letter(before - 1) if before else "") + ascii_lowercase[here]
