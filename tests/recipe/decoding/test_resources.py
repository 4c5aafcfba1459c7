import math

import numpy as np
import pytest

from recipe.decoding.resources import read_labels, read_lexicon, read_log_prior
from recipe.errors import InputError


def written(tmp_path, content: str) -> str:
    (tmp_path / "file.txt").write_text(content)
    return str(tmp_path / "file.txt")


def test_labels_keep_their_order(tmp_path):
    assert read_labels(written(tmp_path, "B\nA\n<blank>\n")) == ["B", "A", "<blank>"]


@pytest.mark.parametrize("content", ["", "A\n", "A\nB\nA\n"])
def test_an_inventory_without_distinct_labels_is_refused(tmp_path, content):
    with pytest.raises(InputError, match=r"file\.txt: give each label once"):
        read_labels(written(tmp_path, content))


def test_prior_is_read_in_label_order(tmp_path):
    np.testing.assert_array_equal(read_log_prior(written(tmp_path, "-1.5\n-0.25\n"), 2), np.float32([-1.5, -0.25]))


@pytest.mark.parametrize("content", ["-1\n", "-1\n-2\n-3\n", "-1\nnan\n", f"-1\n{-math.inf}\n", "-1\nx\n"])
def test_a_prior_that_does_not_fit_is_refused(tmp_path, content):
    with pytest.raises(InputError, match=r"file\.txt: "):
        read_log_prior(written(tmp_path, content), 2)


def test_lexicon_keeps_variants_once(tmp_path):
    path = written(tmp_path, "a A\na B A\na A\nb B\n")
    assert read_lexicon(path, ["A", "B", "<blank>"]) == [("a", (0,)), ("a", (1, 0)), ("b", (1,))]


@pytest.mark.parametrize(
    "content, where", [("a A\nb X\n", "2: label X"), ("a\n", "1: a word"), ("a A\n\n", "2: a word"), ("", " no words")]
)
def test_a_lexicon_that_does_not_fit_names_file_and_line(tmp_path, content, where):
    with pytest.raises(InputError, match=rf"file\.txt:{where}"):
        read_lexicon(written(tmp_path, content), ["A", "B", "<blank>"])
