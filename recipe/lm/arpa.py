"""Write a table in the ARPA format."""

from collections.abc import Iterator

import numpy as np

from recipe.files import open_text
from recipe.lm.table import Level, NgramTable, blocks

NEVER = -99.0  # log10 of probability zero, by convention


def write_arpa(table: NgramTable, target: str) -> None:
    """Write the model (compressed if `target` ends in .gz), n-grams sorted by word numbers."""
    words = np.array(table.words, dtype=object)
    with open_text(target, "wt") as out:
        out.write("\\data\\\n")
        out.writelines(f"ngram {n}={len(level)}\n" for n, level in enumerate(table.levels, 1))
        for n, level in enumerate(table.levels, 1):
            out.write(f"\n\\{n}-grams:\n")
            for at in blocks(len(level)):
                out.writelines(lines(level, at, spelled(table, n, at, words), last=n == table.order))
        out.write("\n\\end\\\n")


def spelled(table: NgramTable, n: int, at: slice, words: np.ndarray) -> list[str]:
    """The n-grams of order n at these indices as text."""
    index = np.arange(at.start, at.stop)
    columns = []
    for level in table.levels[n - 1 : 0 : -1]:
        index, word = np.divmod(level.keys[index], len(words))
        columns.append(words[word])
    columns.append(words[index])
    return list(map(" ".join, zip(*reversed(columns), strict=True)))


def lines(level: Level, at: slice, ngrams: list[str], last: bool) -> Iterator[str]:
    """Lines `log10 probability, n-gram, log10 back-off`, without back-off in the last section."""
    with np.errstate(divide="ignore"):
        log10_prob = np.maximum(np.log10(level.prob[at]), NEVER).tolist()
        log10_backoff = np.log10(level.backoff[at]).tolist()
    if last:
        return (f"{prob:.7g}\t{ngram}\n" for prob, ngram in zip(log10_prob, ngrams, strict=True))
    rows = zip(log10_prob, ngrams, log10_backoff, strict=True)
    return (f"{prob:.7g}\t{ngram}\t{backoff:.7g}\n" for prob, ngram, backoff in rows)
