"""Linear mixture of back-off models: weights by expectation maximisation, then a single static model.

As defined by SRILM's compute-best-mix and `ngram -mix-lm -bayes 0`: every n-gram that some model lists gets
sum_i weight_i p_i(word | history), where each p_i backs off by itself, and back-off weights are recomputed.
"""

from collections.abc import Sequence

import numpy as np

from recipe.lm.table import Level, NgramTable, blocks, find

TOLERANCE = 1e-6  # iteration ends when no weight changes by more
MAX_ITERATIONS = 1000


def mixture_weights(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """[S] weights that maximise the likelihood of a text.

    :param probabilities: [S, T] of each token under each source
    """
    by_source = np.asarray(probabilities)
    weights = np.full(len(by_source), 1.0 / len(by_source))
    for _ in range(MAX_ITERATIONS):
        before = weights
        joint = weights[:, None] * by_source
        weights = (joint / joint.sum(axis=0)).mean(axis=1)
        if np.abs(weights - before).max() < TOLERANCE:
            break
    return weights


def mix(tables: Sequence[NgramTable], weights: Sequence[float]) -> NgramTable:
    """A single model of the weighted sum of several models over the same words.

    Memory: about 65 bytes per n-gram of the result, including the mapped files of the sources.
    """
    words, size = tables[0].words, len(tables[0].words)
    keys = union(tables)
    suffix = suffixes(keys, size)
    prob = [np.zeros(len(level), np.float32) for level in keys]
    for table, weight in zip(tables, weights, strict=True):
        add_dense(prob, weight, table, keys, suffix)
    return renormalised(words, keys, prob, suffix)


def union(tables: Sequence[NgramTable]) -> list[np.ndarray]:
    """Keys of all n-grams that any of the tables lists, one array per order."""
    size = len(tables[0].words)
    keys = [np.arange(size)]
    places = [keys[0]] * len(tables)  # index of each n-gram of a table in the union
    for n in range(1, tables[0].order):
        merged = np.empty(0, np.int64)
        largest_first = sorted(zip(tables, places, strict=True), key=lambda pair: -len(pair[0].levels[n]))
        for table, place in largest_first:  # after the model of all texts little is new
            merged = merge(merged, translated(table.levels[n].keys, place, size))
        if n + 1 < tables[0].order:
            moved = (translated(table.levels[n].keys, place, size) for table, place in zip(tables, places, strict=True))
            places = [find(merged, own).astype(np.int32) for own in moved]
        keys.append(merged)
    return keys


def merge(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The sorted union of two sorted arrays of keys."""
    new = others[find(some, others) < 0]
    return np.sort(np.concatenate([some, new]), kind="stable") if len(new) else some


def translated(keys: np.ndarray, place: np.ndarray, size: int) -> np.ndarray:
    """The keys of a table with contexts numbered as in another one, by `place`; they stay sorted."""
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


def add_dense(prob: list[np.ndarray], weight: float, table: NgramTable, keys: list, suffix: list) -> None:
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
    """The model of the kept n-grams (all by default), with back-off weights that make each history sum to one.

    :param kept: per order, [N] bool; the context of a kept n-gram must be kept too
    """
    size = len(words)
    kept = kept or [np.ones(len(level), bool) for level in keys]
    levels, number, lower = [], np.arange(0), prob[0]
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
    """Back-off weights of the order below; [N] p(word | history) of all n-grams of this order in the new model."""
    listed, backed_off = left_over(keys, prob, suffix, lower, size, kept)
    backoff = ratio(listed, backed_off).astype(np.float32)
    dense = np.empty(len(keys), np.float32)
    for at in blocks(len(keys)):
        dense[at] = np.where(kept[at], prob[at], backoff[keys[at] // size] * lower[suffix[at]])
    return backoff, dense


def left_over(keys, prob, suffix, lower, size, kept=None) -> tuple[np.ndarray, np.ndarray]:
    """Per context, one minus the sum of p(word | context) over its listed words; the same for the shortened context."""
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
    """Back-off weight: probability mass left by the listed words, divided by the mass they leave under the lower order.

    It is 1 where both are zero.
    """
    nothing = 1e-9
    return np.where(backed_off > nothing, np.maximum(listed, nothing) / np.maximum(backed_off, nothing), 1.0)
