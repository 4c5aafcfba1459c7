"""Random sentences from the rules in grammar.txt."""

import random
import re
from functools import cache
from pathlib import Path

_SYMBOL = re.compile(r"<(\w+)>")
_TOPIC_SHARE = 0.6  # how often a symbol with a rule of its own in a topic takes that one


class Grammar:
    """Rules `symbol[@topic]: alternative | alternative *weight`; topics have rules of their own for some symbols."""

    def __init__(self, text: str):
        self.rules: dict[str, tuple[list[str], list[int]]] = {}
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            symbol, body = line.split(":", 1)
            pairs = [re.fullmatch(r"\s*(.*?)\s*(?:\*(\d+))?\s*", choice).groups() for choice in body.split("|")]
            self.rules[symbol] = [choice for choice, _ in pairs], [int(weight or 1) for _, weight in pairs]

    @property
    def topics(self) -> list[str]:
        return sorted({symbol.split("@")[1] for symbol in self.rules if "@" in symbol})

    def words(self, leaving_out: str | None = None) -> set[str]:
        """All words that sentences can hold, without those that only the rule `leaving_out` lists."""
        bodies = (choices for symbol, (choices, _) in self.rules.items() if symbol != leaving_out)
        words = {word for choices in bodies for choice in choices for word in _SYMBOL.sub(" ", choice).split()}
        return words | {"an"}

    def sentence(self, topic: str, draw: random.Random, start: str = "sentence") -> str:
        words = self._expand(start, topic, draw).split()
        for index, following in enumerate(words[1:]):
            if words[index] == "a" and following[0] in "aeio":  # "a university" and "a used": u takes a
                words[index] = "an"
        return " ".join(words)

    def _expand(self, symbol: str, topic: str, draw: random.Random) -> str:
        common, topical = self.rules.get(symbol), self.rules.get(f"{symbol}@{topic}")
        if common and topical:
            topical = topical if draw.random() < _TOPIC_SHARE else None
        choice = draw.choices(*(topical or common))[0]
        return _SYMBOL.sub(lambda match: self._expand(match[1], topic, draw), choice)


@cache
def load_grammar() -> Grammar:
    return Grammar(Path(__file__).with_name("grammar.txt").read_text(encoding="utf-8"))
