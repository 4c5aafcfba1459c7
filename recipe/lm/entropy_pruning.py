"""Pruning by relative entropy (Stolcke 1998, "Entropy-based pruning of backoff language models"; SRILM -prune).

An n-gram is removed if removing it alone, with the back-off weight adapted, raises the perplexity by less than a
relative threshold. The weight of a history is its share of a text: the lower orders of a Kneser-Ney model do not
measure how often a history occurs (the paper uses a Good-Turing trigram of the same text; docs/deviations.md).
"""

import numpy as np

from recipe.lm.mixture import left_over, ratio, renormalised, suffixes
from recipe.lm.table import END_ID, NgramTable, blocks, ending_at, tokens_of


def history_shares(table: NgramTable, text: str) -> list[np.ndarray]:
    """For orders 1 .. order - 1: [N] share of the tokens of a text that follow each n-gram."""
    counts = [np.zeros(len(level), np.int64) for level in table.levels[:-1]]
    tokens = 0
    for block in tokens_of(table, text):
        ends = block == END_ID  # nothing follows a sentence end
        tokens += len(block) - int(ends.sum())
        for count, found in zip(counts, ending_at(table, block, table.order - 1), strict=True):
            count += np.bincount(found[(found >= 0) & ~ends], minlength=len(count))
    return [count / tokens for count in counts]


def prune(table: NgramTable, shares: list[np.ndarray], threshold: float) -> NgramTable:
    """The model without the n-grams of order 2 and more that change the perplexity by less than the threshold.

    An n-gram stays as long as a longer one begins with it. Memory: about 50 bytes per n-gram.
    """
    keys, prob = [level.keys for level in table.levels], [level.prob for level in table.levels]
    suffix = suffixes(keys, len(table.words))
    kept = [np.ones(len(table.words), bool)] + [np.zeros(len(level), bool) for level in keys[1:]]
    for n in range(table.order - 1, 0, -1):
        kept[n] |= perplexity_changes(table, n, suffix[n], shares[n - 1]) >= threshold
        if n > 1:
            kept[n - 1][keys[n][kept[n]] // len(table.words)] = True
    return renormalised(table.words, keys, prob, suffix, kept)


def perplexity_changes(table: NgramTable, n: int, suffix: np.ndarray, share: np.ndarray) -> np.ndarray:
    """[N] relative change of the perplexity when each n-gram of levels[n] alone is removed."""
    size, level, lower = len(table.words), table.levels[n], table.levels[n - 1].prob
    listed, backed_off = left_over(level.keys, level.prob, suffix, lower, size)
    log_backoff = np.log(ratio(listed, backed_off))
    change = np.empty(len(level))
    for at in blocks(len(level)):
        context = level.keys[at] // size
        p, shorter = level.prob[at].astype(np.float64), lower[suffix[at]].astype(np.float64)
        left = listed[context]
        new_log_backoff = np.log(ratio(left + p, backed_off[context] + shorter))
        log_ratio = np.log(shorter) + new_log_backoff - np.log(p)
        gain = p * log_ratio + left * (new_log_backoff - log_backoff[context])
        change[at] = np.expm1(-share[context] * gain)
    return change
