"""Words of transcripts against dictionary, search lexicon and language model."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from recipe.corpus_report.findings import Finding
from recipe.corpus_report.known_words import KnownWords, halves, is_second_half

IS_MARKER = re.compile(r"[\[\]{}<>]|\(\d+\)|^\+\S+\+$|^%[^\W\d]|^\(%")
"""Matches in a token that is no word; multi-word markers match at their ends."""
_RULE = "StmRules(text=TextRule({}))"
LOWER = "write all texts in one case, or set " + _RULE.format("lower_case=True")
DROP = "take them out, or set " + _RULE.format("drop_markers=True")
APOSTROPHES = "write contractions alike, or set " + _RULE.format("apostrophes='split'") + " or 'joined'"


def counted_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.split())
    return counts


def word_findings(part: str, counts: Counter[str], known: KnownWords, dictionary: str) -> Iterator[Finding]:
    """What is odd about the words of a part.

    :param counts: of its words
    :param dictionary: path of the dictionary, for messages
    """
    other_case = lambda word: known.in_other_case(word, known.search)
    yield counted_finding(
        "letter_case", part, f"words that {dictionary} has in other letter case alone", LOWER, counts, other_case
    )
    yield counted_finding("markers", part, "tokens are no words but markers", DROP, counts, is_marker)
    foreign = lambda word: not is_marker(word) and known.foreign(word)
    what = f"words with a letter or digit that no word of {dictionary} has, so that G2P skips it"
    yield counted_finding(
        "foreign_letters", part, what, "write them in letters of the dictionary, or add them to it", counts, foreign
    )


def unknown_findings(
    part: str, counts: Counter[str], known: KnownWords, unseen: set[str], dictionary: str
) -> Iterator[Finding]:
    """What search and language model cannot output of an evaluated part.

    :param unseen: words that no text of the language model holds
    """
    what = f"words outside the search lexicon, {_types(counts, known.search)}"
    mend = f"add them to {dictionary}, or set Setup.search_lexicon='dictionary+g2p' if they occur in training"
    yield counted_finding("unknown_words", part, what, mend, counts, lambda word: word not in known.search)
    what = f"words outside the vocabulary of the language model, {_types(counts, known.vocabulary)}"
    mend = f"add them to {dictionary}"
    yield counted_finding("unknown_lm_words", part, what, mend, counts, lambda word: word not in known.vocabulary)
    what = "words that neither an LM text nor a training transcript holds"
    yield counted_finding("unseen_lm_words", part, what, "add texts that hold them", counts, unseen.__contains__)


def contraction_finding(part: str, texts: Iterable[str], known: KnownWords, dictionary: str) -> Finding:
    """Contractions that the dictionary has in the other form alone."""
    what = f"contractions that {dictionary} has in the other form alone (don 't against don't)"
    finding = Finding(check="contractions", where=part, what=what, mend=APOSTROPHES)
    for text in texts:
        if "'" not in text and "\u2019" not in text:
            continue
        previous = ""
        for word in text.split():
            if is_second_half(word) and previous:
                finding.of += 1
                if known.in_other_form(previous, word):
                    finding.add(f"{previous} {word}")
            elif halves(word)[0]:
                finding.of += 1
                if known.joined_in_other_form(word):
                    finding.add(word)
            previous = word
    return finding


def contraction_forms(counts: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Contractions written as two tokens (by their second one), and as one word."""
    split = Counter({word: number for word, number in counts.items() if "'" in word and is_second_half(word)})
    marks = ("'", "\u2019", "\u02bc")
    joined = {word: number for word, number in counts.items() if any(m in word for m in marks) and halves(word)[0]}
    return split, Counter(joined)


def is_marker(word: str) -> bool:
    """Whether a token is none of a language's words."""
    return IS_MARKER.search(word) is not None


def _types(counts: Counter[str], known: frozenset[str]) -> str:
    unknown = sum(word not in known for word in counts)
    return f"{unknown:,} of {len(counts):,} distinct words"


def counted_finding(
    check: str, where: str, what: str, mend: str, counts: Counter[str], odd: Callable[[str], bool]
) -> Finding:
    """The words for which `odd` holds, the most frequent ones as examples."""
    finding = Finding(check=check, where=where, what=what, mend=mend, of=counts.total())
    found = [(word, number) for word, number in counts.items() if odd(word)]
    for word, number in sorted(found, key=lambda item: (-item[1], item[0])):
        finding.add(word, number)
    return finding
