"""Alignment against a slow reference, a library, and what every alignment must keep."""

from functools import lru_cache

import kaldialign
from hypothesis import given
from hypothesis import strategies as st

from recipe.scoring.alignment import GAP, align, count_errors, same

sentence = st.lists(st.sampled_from(["a", "b", "c", "A", "long"]), max_size=9).map(" ".join)


def least_cost(spoken: tuple[str, ...], found: tuple[str, ...]) -> int:
    """3 per insertion or deletion, 4 per substitution, by trying everything."""

    @lru_cache(None)
    def cost(i, j):
        if i == len(spoken) or j == len(found):
            return 3 * (len(spoken) - i + len(found) - j)
        pair = 0 if spoken[i] == found[j] else 4
        return min(pair + cost(i + 1, j + 1), 3 + cost(i + 1, j), 3 + cost(i, j + 1))

    return cost(0, 0)


def cost_of(pairs) -> int:
    return sum(0 if same(*pair) else 3 if GAP in pair else 4 for pair in pairs)


@given(sentence, sentence)
def test_cost_is_the_least(reference, hypothesis):
    pairs = align(reference, hypothesis)
    lowered = [text.lower().split() for text in (reference, hypothesis)]
    assert cost_of(pairs) == least_cost(*map(tuple, lowered))
    counts = kaldialign.edit_distance(*lowered, sclite_mode=True)
    assert cost_of(pairs) == 3 * (counts["ins"] + counts["del"]) + 4 * counts["sub"]


@given(sentence, sentence)
def test_both_sides_come_back_in_order(reference, hypothesis):
    pairs = align(reference, hypothesis)
    assert [spoken for spoken, _ in pairs if spoken is not GAP] == reference.split()
    assert [found for _, found in pairs if found is not GAP] == hypothesis.split()
    assert (GAP, GAP) not in pairs
    assert count_errors(reference, hypothesis) == sum(not same(*pair) for pair in pairs)


def test_three_substitutions_win_over_two_insertions_and_two_deletions():
    # both cost 12; sclite counts three errors
    assert count_errors("x y a", "a p q") == 3


def test_case_does_not_count():
    assert count_errors("The CAT", "the cat") == 0
