"""Sentences of evaluated parts within other texts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from recipe.corpus_report.findings import Finding
from recipe.formats.segments import Segment

LEAST_WORDS = 6
"""Shorter sentences are said by chance."""
MEND = "take them out of one of the two"


def plain(text: str) -> str:
    """The text so that case and the form of contractions do not matter."""
    return text.lower().replace("\u2019", "'").replace(" '", "'")


class Sentence(NamedTuple):
    """A long sentence of an evaluated part."""

    part: str
    segment: str
    """Its name."""
    second: str
    """Its rarest word but one: where that is missing, the sentence is not there."""
    text: str
    """As `plain` makes it, between blanks."""


class SentenceIndex:
    """The long sentences of some parts, each found by its rarest word."""

    def __init__(self, parts: Mapping[str, Iterable[Segment]], common: Mapping[str, int] | None = None):
        """
        :param parts: the segments of each evaluated part
        :param common: how often words occur elsewhere, as in training; the better known, the faster the search
        """
        texts = {part: [(one.name, plain(one.words)) for one in segments] for part, segments in parts.items()}
        occurring = Counter(word for sentences in texts.values() for _, text in sentences for word in set(text.split()))
        occurring.update(common or {})
        self.total: Counter[str] = Counter()
        self._by_word: dict[str, list[Sentence]] = defaultdict(list)
        for part, sentences in texts.items():
            for name, text in sentences:
                words = text.split()
                if len(words) >= LEAST_WORDS:
                    self.total[part] += 1
                    rarest, second, *_ = sorted(
                        words, key=lambda word: ("'" in word, occurring[word], -len(word), word)
                    )
                    self._by_word[rarest].append(Sentence(part, name, "" if "'" in second else second, f" {text} "))
        self.rarest_words = set(self._by_word)

    def candidates(self, line: str, words: list[str], but: str = "") -> list[Sentence]:
        """All sentences whose rarest word is in a line.

        :param line: as written
        :param words: its words
        :param but: a part whose sentences are not looked for
        """
        if line.islower():
            found = () if self.rarest_words.isdisjoint(words) else self.rarest_words.intersection(words)
        else:
            found = self.rarest_words.intersection(plain(line).split())
        return [one for word in found for one in self._by_word[word] if one.part != but]


class Leaks:
    """Which sentences of an index occur in one source, a part or a file: within a line, or across two."""

    def __init__(self, index: SentenceIndex, source: str, is_part: bool):
        self._index = index
        self._source = source
        self._part = source if is_part else ""
        self._found: dict[tuple[str, str], str] = {}
        self.previous = ""
        """The line before; set it where a line needs no look."""
        self.pending: list[Sentence] = []
        """Sentences whose rarest word was in the line before."""

    def look(self, line: str, words: list[str], where: str) -> None:
        """Look into the next line. In vain, if it holds none of the index's rarest words and nothing is pending.

        :param line: as written
        :param words: its words
        :param where: what is named beside a sentence that it holds
        """
        candidates = self._index.candidates(line, words, self._part)
        if candidates or self.pending:
            lines = f"{self.previous} {line}".lower()
            near = [one for one in candidates + self.pending if one.second in lines]
            window = f" {plain(lines)} " if near else ""
            for one in near:
                if one.text in window:
                    self._found.setdefault((one.part, one.segment), where)
        self.previous, self.pending = line, candidates

    def findings(self) -> list[Finding]:
        """A finding for each evaluated part."""
        made = {}
        for part in self._index.total:
            if part != self._part:
                made[part] = Finding(
                    check="leaked_sentences",
                    where=part,
                    what=f"sentences of {LEAST_WORDS} words or more occur in {self._source}",
                    mend=MEND,
                    of=self._index.total[part],
                )
        for (part, name), where in self._found.items():
            made[part].add(f"{name} ({where})")
        return list(made.values())
