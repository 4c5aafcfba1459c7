"""Aligning recognised with spoken words, as NIST's sclite does.

Insertions and deletions cost 3, substitutions 4; case is ignored. Three substitutions cost as much as two insertions
and two deletions, so the rule for ties decides the counts: from the last word backwards, a pair of words is preferred
to an insertion, and an insertion to a deletion. This is the order that agrees with sclite; kaldialign's sclite mode has
another one and gives other totals than sclite on noisy text.
"""

GAP = None
"""The missing side of an inserted or deleted word."""
GAP_COST = 3
SUBSTITUTION_COST = 4

Pairs = list[tuple[str | None, str | None]]


def align(reference: str, hypothesis: str) -> Pairs:
    """Pairs of (spoken, recognised) word in order, GAP for the missing side."""
    spoken, found = reference.split(), hypothesis.split()
    left, right = reference.lower().split(), hypothesis.lower().split()
    costs = cost_rows(left, right)
    pairs: Pairs = []
    i, j = len(spoken), len(found)
    while i or j:
        here = costs[i][j]
        if i and j and here == costs[i - 1][j - 1] + pair_cost(left[i - 1], right[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((spoken[i], found[j]))
        elif j and here == costs[i][j - 1] + GAP_COST:
            j -= 1
            pairs.append((GAP, found[j]))
        else:
            i -= 1
            pairs.append((spoken[i], GAP))
    return pairs[::-1]


def cost_rows(spoken: list[str], found: list[str]) -> list[list[int]]:
    """Least cost of aligning the first i spoken with the first j found words, as `rows[i][j]`."""
    rows = [[j * GAP_COST for j in range(len(found) + 1)]]
    for word in spoken:
        above, row = rows[-1], [rows[-1][0] + GAP_COST]
        for j, other in enumerate(found):
            row.append(min(above[j] + pair_cost(word, other), above[j + 1] + GAP_COST, row[j] + GAP_COST))
        rows.append(row)
    return rows


def pair_cost(word: str, other: str) -> int:
    """Of aligning two words with each other."""
    return 0 if word == other else SUBSTITUTION_COST


def same(spoken: str | None, found: str | None) -> bool:
    """Whether an aligned pair is a word that was recognised correctly."""
    return spoken is not None and found is not None and spoken.lower() == found.lower()


def count_errors(reference: str, hypothesis: str) -> int:
    """Insertions, deletions and substitutions together."""
    return sum(not same(*pair) for pair in align(reference, hypothesis))
