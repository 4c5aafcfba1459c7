from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from recipe.models.ctc import greedy_labels
from recipe.training.label_errors import errors_and_deletions

LABELS = st.lists(st.integers(0, 2), max_size=5).map(tuple)


def test_repetitions_are_one_label_unless_blank_parts_them():
    assert greedy_labels([3, 1, 1, 3, 1, 2, 2, 3], blank=3) == [1, 1, 2]
    assert greedy_labels([3, 3], blank=3) == []


def least(reference, hypothesis):
    """By trying every alignment."""

    @cache
    def rest(i, j):
        if i == len(reference) and j == len(hypothesis):
            return 0, 0
        found = []
        if i < len(reference) and j < len(hypothesis):
            found.append((rest(i + 1, j + 1), reference[i] != hypothesis[j], 0))
        if i < len(reference):
            found.append((rest(i + 1, j), 1, 1))
        if j < len(hypothesis):
            found.append((rest(i, j + 1), 1, 0))
        return min((errors + wrong, deletions + deleted) for (errors, deletions), wrong, deleted in found)

    return rest(0, 0)


@given(LABELS, LABELS)
def test_errors_are_the_fewest_of_all_alignments(reference, hypothesis):
    assert errors_and_deletions(reference, hypothesis) == least(reference, hypothesis)


@given(LABELS, LABELS)
def test_deletions_and_insertions_change_places_with_the_sides(reference, hypothesis):
    errors, deletions = errors_and_deletions(reference, hypothesis)
    backwards, insertions = errors_and_deletions(hypothesis, reference)
    assert backwards == errors
    assert deletions - insertions == len(reference) - len(hypothesis)


def test_nothing_recognised_is_all_deleted():
    assert errors_and_deletions([1, 2, 3], []) == (3, 3)
    assert errors_and_deletions([], [1]) == (1, 0)
