import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis, read_hypotheses, write_hypotheses

words = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1).filter(lambda word: not word.isspace()))


@st.composite
def hypotheses(draw):
    spoken = draw(words)
    marks = sorted(draw(st.lists(st.integers(0, 10_000), min_size=2 * len(spoken), max_size=2 * len(spoken))))
    times_s = tuple((marks[2 * i] / 100, marks[2 * i + 1] / 100) for i in range(len(spoken)))
    return Hypothesis(" ".join(spoken), draw(st.floats(-1e6, 1e6)), times_s)


@given(found=st.dictionaries(st.text(st.characters(categories=["L"]), min_size=1), hypotheses(), max_size=4))
def test_what_is_written_is_read_again(found, tmp_path_factory):
    path = str(tmp_path_factory.getbasetemp() / "hypotheses.json")
    write_hypotheses(path, found)
    assert read_hypotheses(path) == found


def test_order_of_decoding_does_not_change_the_bytes(tmp_path):
    one, two = Hypothesis("a", -1.5, ((0.0, 0.1),)), Hypothesis("", -2.0, ())
    write_hypotheses(str(tmp_path / "a"), {"x/1": one, "x/2": two})
    write_hypotheses(str(tmp_path / "b"), {"x/2": two, "x/1": one})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


GOOD = {"words": "a b", "score": -1.0, "times_s": [[0, 1], [1, 2]]}


@pytest.mark.parametrize(
    "entry, what",
    [
        ({**GOOD, "words": "a"}, "1 words with 2 times"),
        ({**GOOD, "score": math.nan}, "finite"),
        ({**GOOD, "times_s": [[0, 1], [2, 1]]}, "times ascend"),
        ({**GOOD, "times_s": [[0, 1], [1]]}, "broken"),
        ({"words": "a b", "score": -1.0}, "times_s"),
        ("a b", "broken"),
    ],
)
def test_a_broken_entry_names_file_and_segment(tmp_path, entry, what):
    path = tmp_path / "hypotheses.json"
    path.write_text(json.dumps({"c/t/1": GOOD, "c/t/2": entry}))
    with pytest.raises(
        InputError, match=rf"hypotheses\.json: the entry of segment c/t/2 is broken .*{what}|{what}"
    ) as error:
        read_hypotheses(str(path))
    assert "c/t/2" in str(error.value)


def test_a_repeated_segment_is_refused(tmp_path):
    path = tmp_path / "hypotheses.json"
    path.write_text(f'{{"c/t/1": {json.dumps(GOOD)}, "c/t/1": {json.dumps(GOOD)}}}')
    with pytest.raises(InputError, match=r"hypotheses\.json: c/t/1 occurs twice"):
        read_hypotheses(str(path))


@pytest.mark.parametrize("content", [b'{"c/t/1": {"words"', b"[]", b"\xff\xfe", b""])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "hypotheses.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"hypotheses\.json:"):
        read_hypotheses(str(path))
