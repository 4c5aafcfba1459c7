"""Random sentences from the rules in grammar.txt."""

import random
import re
from functools import cache
from pathlib import Path

_ALTERNATIVE = re.compile(r"\s*(.*?)\s*(?:\*(\d+))?\s*")
_SYMBOL = re.compile(r"<(\w+)>")
_TOPIC_SHARE = 0.6  # how often a symbol with a rule for the topic uses that rule


class Grammar:
    """Rules `symbol[@topic]: alternative | alternative *weight`; some symbols have special rules for a topic."""

    def __init__(self, text: str):
        self.rules: dict[str, tuple[list[str], list[int]]] = {}
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            symbol, body = line.split(":", 1)
            pairs = [_ALTERNATIVE.fullmatch(choice) for choice in body.split("|")]
            self.rules[symbol] = [pair[1] for pair in pairs if pair], [int(pair[2] or 1) for pair in pairs if pair]

    @property
    def topics(self) -> list[str]:
        """All topics, sorted."""
        return sorted({symbol.split("@")[1] for symbol in self.rules if "@" in symbol})

    def words(self, leaving_out: str | None = None) -> set[str]:
        """All words that can occur in sentences, without those that only the rule `leaving_out` lists."""
        bodies = (choices for symbol, (choices, _) in self.rules.items() if symbol != leaving_out)
        words = {word for choices in bodies for choice in choices for word in _SYMBOL.sub(" ", choice).split()}
        return words | {"an"}

    def sentence(self, topic: str, draw: random.Random, start: str = "sentence") -> str:
        """A random expansion of the symbol `start`."""
        words = self._expand(start, topic, draw).split()
        for index, following in enumerate(words[1:]):
            if words[index] == "a" and following[0] in "aeio":  # "a university" and "a used": u takes a
                words[index] = "an"
        return " ".join(words)

    def _expand(self, symbol: str, topic: str, draw: random.Random) -> str:
        common, topical = self.rules.get(symbol), self.rules.get(f"{symbol}@{topic}")
        if common and topical:
            topical = topical if draw.random() < _TOPIC_SHARE else None
        choice = draw.choices(*(topical or self.rules[symbol]))[0]
        return _SYMBOL.sub(lambda match: self._expand(match[1], topic, draw), choice)


@cache
def load_grammar() -> Grammar:
    """The rules of grammar.txt."""
    return Grammar(Path(__file__).with_name("grammar.txt").read_text(encoding="utf-8"))
