import pytest

from recipe.errors import InputError
from recipe.formats.labels import read_labels, write_labels


def test_labels_keep_their_order(tmp_path):
    write_labels(tmp_path / "labels.txt", ["B", "A", "<blank>"])
    assert (tmp_path / "labels.txt").read_text() == "B\nA\n<blank>\n"
    assert read_labels(tmp_path / "labels.txt") == ["B", "A", "<blank>"]


@pytest.mark.parametrize("content", ["", "A\n", "A\nB\nA\n", "A\nB C\n", "A\n\nB\n", "A\n B\n"])
def test_an_inventory_without_distinct_labels_is_refused(tmp_path, content):
    (tmp_path / "labels.txt").write_text(content)
    with pytest.raises(InputError, match=r"labels\.txt: give each label once"):
        read_labels(tmp_path / "labels.txt")
