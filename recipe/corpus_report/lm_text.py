"""One LM text: how many of its words are unknown, in other case or form, and which evaluated sentences it holds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from recipe.corpus.text_rule import TextRule
from recipe.corpus_report.findings import Finding
from recipe.corpus_report.known_words import KnownWords
from recipe.corpus_report.leaks import Leaks, SentenceIndex
from recipe.corpus_report.words import APOSTROPHES, DROP, LOWER, contraction_forms, counted_finding, is_marker
from recipe.lm.text import sentences_of

SAMPLED_LINES = 200_000
"""Of a text with more lines, words are counted in at least half as many evenly spaced ones."""


class EvenSample:
    """At most `limit` evenly spaced items of a stream whose length is not known: every 1st, 2nd, 4th ... of them."""

    def __init__(self, limit: int):
        self.items: list[str] = []
        self._limit, self._step, self._seen = limit, 1, 0

    def add(self, item: str) -> None:
        """The next item of the stream."""
        if self._seen % self._step == 0:
            if len(self.items) == self._limit:
                self.items = self.items[::2]
                self._step *= 2
            if self._seen % self._step == 0:
                self.items.append(item)
        self._seen += 1


@dataclass(kw_only=True)
class LmText:
    """What was read of a text."""

    path: str
    """Of the file."""
    lines: int = 0
    """Sentences of the whole text."""
    counts: Counter[str] = field(default_factory=Counter)
    """Its words, or those of the sample."""
    sampled_lines: int = 0
    """Sentences that words were counted in."""
    leaks: list[Finding] = field(default_factory=list)
    """Sentences of evaluated parts in it."""

    @property
    def name(self) -> str:
        """The end of its path, which does not depend on the place of the work directory."""
        return name_of(self.path)


def name_of(path: str) -> str:
    """`LM/news.en.gz`: folder and name of a file."""
    return "/".join(Path(path).parts[-2:])


def read_lm_text(
    path: str, rule: TextRule, index: SentenceIndex, unseen: set[str], limit: int = SAMPLED_LINES
) -> LmText:
    """Read a text once.

    :param unseen: words that no text has held so far; those of this text are removed
    :raises InputError: when it is unreadable
    """
    text, leaks, sample = LmText(path=path), Leaks(index, name_of(path), is_part=False), EvenSample(limit)
    for sentence in sentences_of(path, rule):
        words = sentence.split()
        text.lines += 1
        sample.add(sentence)
        if not unseen.isdisjoint(words):
            unseen.difference_update(words)
        if leaks.pending or not sentence.islower() or not index.rarest_words.isdisjoint(words):
            leaks.look(sentence, words, f"sentence {text.lines}")
        leaks.previous = sentence
    for sentence in sample.items:
        text.counts.update(sentence.split())
    text.sampled_lines = len(sample.items)
    text.leaks = leaks.findings()
    return text


def lm_text_findings(text: LmText, known: KnownWords, transcripts: Counter[str]) -> Iterator[Finding]:
    """What is odd about a text.

    :param transcripts: the words of the training transcripts
    """
    for finding in _findings(text, known, transcripts):
        yield replace(finding, path=text.path) if finding.where == text.name else finding


def _findings(text: LmText, known: KnownWords, transcripts: Counter[str]) -> Iterator[Finding]:
    vocabulary, name, counts = known.vocabulary, text.name, text.counts
    what = "words that the vocabulary has in other letter case alone"
    yield counted_finding("letter_case", name, what, LOWER, counts, lambda word: known.in_other_case(word, vocabulary))
    yield counted_finding("lm_markers", name, "tokens are no words but markers", DROP, counts, is_marker)
    what = "words outside the vocabulary of the language model"
    mend = "give a text of the same language, case and form, or add its words to the dictionary"
    yield counted_finding("lm_text_unknown_words", name, what, mend, counts, lambda word: word not in vocabulary)
    yield _contractions(text, transcripts)
    yield from text.leaks


def _contractions(text: LmText, transcripts: Counter[str]) -> Finding:
    """Contractions in the form that is the rarer one of the transcripts."""
    (split, joined), (of_split, of_joined) = contraction_forms(text.counts), contraction_forms(transcripts)
    split_wanted = of_split.total() >= of_joined.total()
    odd = joined if split_wanted else split
    finding = Finding(
        check="lm_contractions",
        where=text.name,
        what=f"contractions are {'one word' if split_wanted else 'two tokens'}, where the transcripts have "
        f"{'two tokens' if split_wanted else 'one word'}",
        mend=APOSTROPHES,
        of=split.total() + joined.total(),
    )
    if of_split or of_joined:
        for word, number in odd.most_common():
            finding.add(word, number)
    return finding
