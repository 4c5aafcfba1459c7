"""Small models for what is done to tables, and a slow model of dictionaries to judge it by."""

import random
from types import SimpleNamespace

import pytest

from recipe.lm.config import NgramConfig
from recipe.lm.source_model import estimate_source
from recipe.lm.table import BEGIN_ID, UNKNOWN_ID, NgramTable, shared_words

WORDS = [f"w{index}" for index in range(12)]


def sentences(seed: int, count: int, vocabulary: int, step: int) -> str:
    """Text in which a word depends on the one before, with words that no vocabulary lists now and then."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        words = [draw.randrange(vocabulary)]
        while draw.random() < 0.8:
            words.append((words[-1] * step + draw.choice([1, 1, 2, draw.randrange(vocabulary)])) % vocabulary)
        lines.append(" ".join(f"w{word}" if draw.random() < 0.95 else "stranger" for word in words))
    return "\n".join(lines) + "\n"


class SlowModel:
    """A back-off model as dictionaries from tuples of words, straight from the definition."""

    def __init__(self, prob: dict[tuple, float], backoff: dict[tuple, float], order: int):
        self.prob, self.backoff, self.order = prob, backoff, order

    @classmethod
    def of(cls, table: NgramTable) -> "SlowModel":
        prob, backoff, ngrams, size = {}, {}, [()], len(table.words)
        for level in table.levels:
            keys = [divmod(key, size) for key in level.keys.tolist()]
            ngrams = [(*ngrams[context], table.words[word]) for context, word in keys]
            prob |= zip(ngrams, level.prob.astype(float), strict=True)
            backoff |= zip(ngrams, level.backoff.astype(float), strict=True)
        return cls(prob, backoff, table.order)

    def p(self, word: str, history: tuple) -> float:
        history = history[max(0, len(history) - self.order + 1) :]
        if (*history, word) in self.prob:
            return self.prob[*history, word]
        return self.backoff.get(history, 1.0) * self.p(word, history[1:])

    def total(self, history: tuple) -> float:
        return sum(self.p(ngram[0], history) for ngram in self.prob if len(ngram) == 1)

    def refreshed(self) -> "SlowModel":
        """The same n-grams with back-off weights computed anew, shorter histories first."""
        made = SlowModel(self.prob, {}, self.order)
        for history in sorted({ngram[:-1] for ngram in self.prob if len(ngram) > 1}, key=len):
            after = [ngram[-1] for ngram in self.prob if ngram[:-1] == history]
            left = 1 - sum(self.prob[*history, word] for word in after)
            made.backoff[history] = left / (1 - sum(made.p(word, history[1:]) for word in after))
        return made


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    """Three sources over one vocabulary: tables of order 3; the last is of the other two texts together."""
    folder = tmp_path_factory.mktemp("toy \u00e9'")
    parts = [sentences(1, 150, 9, 5), sentences(2, 80, 7, 3)]
    texts = [folder / "one.txt", folder / "two.txt", folder / "all.txt"]
    for path, content in zip(texts, [*parts, "".join(parts)], strict=True):
        path.write_text(content)
    words = shared_words(WORDS)
    config = NgramConfig(order=3, discount_fallback=True)
    tables = [estimate_source(str(text), words, config, 0.1, str(folder)) for text in texts]
    return SimpleNamespace(texts=list(map(str, texts)), tables=tables, words=words, slow=SlowModel.of, folder=folder)


@pytest.fixture
def histories(toy):
    """Histories of any length, seen and not."""
    draw = random.Random(7)
    return [
        tuple(draw.choice([toy.words[BEGIN_ID], toy.words[UNKNOWN_ID], *WORDS]) for _ in range(length))
        for length in (0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3)
        for _ in range(4)
    ]
