"""Sentences of evaluated parts within other texts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from recipe.corpus_report.findings import Finding
from recipe.formats.segments import Segment

LEAST_WORDS = 6
"""Shorter sentences are said by chance."""
MEND = "take them out of one of the two"


def plain(text: str) -> str:
    """The text so that case and the form of contractions do not matter."""
    return text.lower().replace("\u2019", "'").replace(" '", "'")


class SentenceIndex:
    """The long sentences of some parts, each found by its rarest word."""

    def __init__(self, parts: Mapping[str, Iterable[Segment]]):
        """:param parts: the segments of each evaluated part"""
        texts = {part: [(one.name, plain(one.words)) for one in segments] for part, segments in parts.items()}
        occurring = Counter(word for sentences in texts.values() for _, text in sentences for word in set(text.split()))
        self.total: Counter[str] = Counter()
        self._by_word: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for part, sentences in texts.items():
            for name, text in sentences:
                words = text.split()
                if len(words) >= LEAST_WORDS:
                    self.total[part] += 1
                    rarest = min(words, key=lambda word: ("'" in word, occurring[word], -len(word), word))
                    self._by_word[rarest].append((part, name, f" {text} "))
        self._words = set(self._by_word)

    def candidates(self, line: str, words: list[str], but: str = "") -> list[tuple[str, str, str]]:
        """(part, segment, sentence between blanks) of all sentences whose rarest word is in a line.

        :param line: as written
        :param words: its words
        :param but: a part whose sentences are not looked for
        """
        if line.islower() and self._words.isdisjoint(words):
            return []
        found = self._words.intersection(plain(line).split())
        return [one for word in found for one in self._by_word[word] if one[0] != but]


class Leaks:
    """Which sentences of an index occur in one source, a part or a file: within a line, or across two."""

    def __init__(self, index: SentenceIndex, source: str, is_part: bool):
        self._index = index
        self._source = source
        self._part = source if is_part else ""
        self._found: dict[tuple[str, str], str] = {}
        self._previous = ""
        self._pending: list[tuple[str, str, str]] = []

    def look(self, line: str, words: list[str], where: str) -> None:
        """Look into the next line.

        :param line: as written
        :param words: its words
        :param where: what is named beside a sentence that it holds
        """
        candidates = self._index.candidates(line, words, self._part)
        if candidates or self._pending:
            window = f" {plain(f'{self._previous} {line}')} "
            for part, name, sentence in candidates + self._pending:
                if sentence in window:
                    self._found.setdefault((part, name), where)
        self._previous, self._pending = line, candidates

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
