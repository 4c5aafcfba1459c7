"""Errors of recognised labels."""

from collections.abc import Sequence


def errors_and_deletions(reference: Sequence[int], hypothesis: Sequence[int]) -> tuple[int, int]:
    """Least number of insertions, deletions and substitutions, and the deletions among them.

    Of alignments with equally many errors, the one with the fewest deletions counts.
    """
    row = [(inserted, 0) for inserted in range(len(hypothesis) + 1)]
    for label in reference:
        above, row = row, [_plus(row[0], 1, 1)]
        for column, found in enumerate(hypothesis):
            pair = _plus(above[column], int(label != found), 0)
            row.append(min(pair, _plus(above[column + 1], 1, 1), _plus(row[column], 1, 0)))
    return row[-1]


def _plus(counts: tuple[int, int], errors: int, deletions: int) -> tuple[int, int]:
    return counts[0] + errors, counts[1] + deletions
