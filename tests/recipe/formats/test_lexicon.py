import pytest

from recipe.errors import InputError
from recipe.formats.lexicon import read_lexicon, write_lexicon

LABELS = ["A", "B", "<blank>"]


def test_what_is_written_is_read_with_each_variant_once(tmp_path):
    entries = [("a", ["A"]), ("a", ["B", "A"]), ("a", ["A"]), ("b", ["B"])]
    write_lexicon(tmp_path / "lexicon.txt", entries)
    assert (tmp_path / "lexicon.txt").read_text() == "a A\na B A\na A\nb B\n"
    assert read_lexicon(tmp_path / "lexicon.txt", LABELS) == [("a", (0,)), ("a", (1, 0)), ("b", (1,))]


@pytest.mark.parametrize(
    "content, where",
    [("a A\nb X\n", "2: label 'X' of the word 'b'"), ("a\n", "1: a word"), ("a A\n\n", "2: a word"), ("", " no words")],
)
def test_a_lexicon_that_does_not_fit_names_file_and_line(tmp_path, content, where):
    (tmp_path / "lexicon.txt").write_text(content)
    with pytest.raises(InputError, match=rf"lexicon\.txt:{where}"):
        read_lexicon(tmp_path / "lexicon.txt", LABELS)
