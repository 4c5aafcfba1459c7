"""What must never be scored: other utterances than the reference's, and references that say nothing."""

import pytest

from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment
from recipe.scoring.score import score


def segments(words: dict[str, str]) -> list[Segment]:
    return [Segment(f"c/t/{n}", "t.sph", 0.0, 5.0, "s", said) for n, said in words.items()]


def hypotheses(words: dict[str, str]) -> dict[str, Hypothesis]:
    return {
        f"c/t/{n}": Hypothesis(said, -1.0, tuple((i * 0.1, i * 0.1 + 0.1) for i in range(len(said.split()))))
        for n, said in words.items()
    }


def test_hypotheses_meet_their_reference_by_name_not_by_order():
    utterances, alignment = score(segments({"1": "a b", "2": "c"}), hypotheses({"2": "c", "1": "a x"}))
    assert [(one.name, one.errors) for one in utterances] == [("c/t/1", 1), ("c/t/2", 0)]
    assert alignment.index("c/t/1") < alignment.index("c/t/2")


@pytest.mark.parametrize(
    "reference, found, what",
    [
        ({"1": "a", "2": "b"}, {"1": "a"}, "segment c/t/2 has no hypothesis"),
        ({"1": "a"}, {"1": "a", "0": "b"}, "segment c/t/0 is not in the reference"),
        ({"1": "a"}, {"2": "a"}, "segment c/t/1 has no hypothesis"),
        ({"1": "a", "2": " "}, {"1": "a", "2": "b"}, "segment c/t/2 has an empty reference"),
        ({}, {}, "no segments"),
    ],
)
def test_what_does_not_belong_together_is_refused_with_the_name(reference, found, what):
    with pytest.raises(InputError, match=what):
        score(segments(reference), hypotheses(found))


def test_a_repeated_reference_is_refused():
    with pytest.raises(InputError, match="segment c/t/1 occurs twice"):
        score(segments({"1": "a"}) * 2, hypotheses({"1": "a"}))
