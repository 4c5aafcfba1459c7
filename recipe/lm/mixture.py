"""Linear mixture of back-off models: weights by expectation maximisation, then one model in place of many.

As SRILM's compute-best-mix and `ngram -mix-lm -bayes 0` define them: every n-gram that some model lists gets
sum_i weight_i p_i(word | history), p_i with its own backing off, and back-off weights are computed anew.
"""

from collections.abc import Sequence

import numpy as np

from recipe.lm.table import Level, NgramTable, blocks, find

TOLERANCE = 1e-6  # the largest change of a weight that still ends the search
MAX_ITERATIONS = 1000


def mixture_weights(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Weights [S] that maximise the likelihood of a text. :param probabilities: [S, T] of each token by each source."""
    probabilities = np.asarray(probabilities)
    weights = np.full(len(probabilities), 1.0 / len(probabilities))
    for _ in range(MAX_ITERATIONS):
        before = weights
        joint = weights[:, None] * probabilities
        weights = (joint / joint.sum(axis=0)).mean(axis=1)
        if np.abs(weights - before).max() < TOLERANCE:
            break
    return weights


def mix(tables: Sequence[NgramTable], weights: Sequence[float]) -> NgramTable:
    """One model for the weighted sum of several over the same words.

    Memory: about 65 bytes per n-gram of the result, the mapped files of the sources included.
    """
    words, size = tables[0].words, len(tables[0].words)
    keys = union(tables)
    suffix = suffixes(keys, size)
    prob = [np.zeros(len(level), np.float32) for level in keys]
    for table, weight in zip(tables, weights, strict=True):
        add_dense(prob, weight, table, keys, suffix)
    return renormalised(words, keys, prob, suffix)


def union(tables: Sequence[NgramTable]) -> list[np.ndarray]:
    """Keys, order by order, of all n-grams that any of the tables lists."""
    size = len(tables[0].words)
    keys = [np.arange(size)]
    places = [keys[0]] * len(tables)  # of each table's n-grams among the union's
    for n in range(1, tables[0].order):
        merged = np.empty(0, np.int64)
        largest_first = sorted(zip(tables, places, strict=True), key=lambda pair: -len(pair[0].levels[n]))
        for table, place in largest_first:  # the model of all texts leaves nothing to add
            merged = merge(merged, translated(table.levels[n].keys, place, size))
        if n + 1 < tables[0].order:
            moved = (translated(table.levels[n].keys, place, size) for table, place in zip(tables, places, strict=True))
            places = [find(merged, own).astype(np.int32) for own in moved]
        keys.append(merged)
    return keys


def merge(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    new = others[find(some, others) < 0]
    return np.sort(np.concatenate([some, new]), kind="stable") if len(new) else some


def translated(keys: np.ndarray, place: np.ndarray, size: int) -> np.ndarray:
    """A table's keys with its contexts numbered as in the union; they stay sorted."""
    moved = np.empty(len(keys), np.int64)
    for at in blocks(len(keys)):
        context, word = np.divmod(keys[at], size)
        moved[at] = place[context].astype(np.int64) * size + word
    return moved


def suffixes(keys: list[np.ndarray], size: int) -> list[np.ndarray]:
    """For each n-gram of each order, the index of its last n-1 words in the order below; order 1 has none."""
    found = [np.empty(0, np.int32)]
    for n in range(1, len(keys)):
        index = np.empty(len(keys[n]), np.int32)
        for at in blocks(len(index)):
            context, word = np.divmod(keys[n][at], size)
            index[at] = word if n == 1 else find(keys[n - 1], found[-1][context].astype(np.int64) * size + word)
        if len(index) and index.min() < 0:
            raise ValueError(f"an n-gram of order {n + 1} is listed whose last {n} words are not")
        found.append(index)
    return found


def add_dense(prob: list[np.ndarray], weight: float, table: NgramTable, keys: list, suffix: list):
    """Add weight * p(word | history) by this table to the probability of every n-gram of the union."""
    size, place = len(table.words), keys[0]
    lower, backoff = table.levels[0].prob, table.levels[0].backoff
    prob[0] += np.float32(weight) * lower
    for n in range(1, table.order):
        own = table.levels[n]
        place = find(keys[n], translated(own.keys, place, size))
        dense = np.empty(len(keys[n]), np.float32)
        for at in blocks(len(dense)):
            dense[at] = backoff[keys[n][at] // size] * lower[suffix[n][at]]
        dense[place] = own.prob
        prob[n] += np.float32(weight) * dense
        lower, backoff = dense, np.ones(len(dense), np.float32)
        backoff[place] = own.backoff


def renormalised(words: list[str], keys: list, prob: list, suffix: list, kept: list | None = None) -> NgramTable:
    """The model of the kept n-grams (all by default) with back-off weights that make each history sum to one.

    :param kept: per order, [N] bool; a kept n-gram's context must be kept too.
    """
    size = len(words)
    kept = kept or [np.ones(len(level), bool) for level in keys]
    levels, number, lower = [], None, prob[0]
    for n in range(len(keys)):
        if n + 1 < len(keys):
            backoff, lower = step(keys[n + 1], prob[n + 1], suffix[n + 1], kept[n + 1], lower, size)
        else:
            backoff = np.ones(len(keys[n]), np.float32)
        new_keys = translated(keys[n][kept[n]], number, size) if n else keys[0]
        levels.append(Level(keys=new_keys, prob=prob[n][kept[n]], backoff=backoff[kept[n]]))
        number = np.cumsum(kept[n]) - 1
    return NgramTable(words=words, levels=[level for level in levels if len(level)])


def step(keys, prob, suffix, kept, lower, size) -> tuple[np.ndarray, np.ndarray]:
    """Back-off weights of the order below, and p(word | history) of all n-grams of this order in the new model."""
    listed, backed_off = left_over(keys, prob, suffix, lower, size, kept)
    backoff = ratio(listed, backed_off).astype(np.float32)
    dense = np.empty(len(keys), np.float32)
    for at in blocks(len(keys)):
        dense[at] = np.where(kept[at], prob[at], backoff[keys[at] // size] * lower[suffix[at]])
    return backoff, dense


def left_over(keys, prob, suffix, lower, size, kept=None) -> tuple[np.ndarray, np.ndarray]:
    """Per context, one minus the sum over its listed words of p(word | context), and of the same one word shorter."""
    listed, backed_off = np.ones((2, len(lower)))
    for at in blocks(len(keys)):
        chosen = slice(None) if kept is None else kept[at]
        context = keys[at][chosen] // size
        if len(context) == 0:
            continue
        first = context[0]
        for sums, values in ((listed, prob[at][chosen]), (backed_off, lower[suffix[at][chosen]])):
            taken = np.bincount(context - first, weights=values)
            sums[first : first + len(taken)] -= taken
    return listed, backed_off


def ratio(listed: np.ndarray, backed_off: np.ndarray) -> np.ndarray:
    """Back-off weight: what the listed words leave, over what they leave one word shorter; 1 where neither is any."""
    nothing = 1e-9
    return np.where(backed_off > nothing, np.maximum(listed, nothing) / np.maximum(backed_off, nothing), 1.0)
