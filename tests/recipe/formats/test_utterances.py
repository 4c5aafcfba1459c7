import pytest

from recipe.errors import InputError
from recipe.formats.utterances import UtteranceErrors, read_utterances, write_utterances


def test_errors_per_utterance_are_read_as_written(tmp_path):
    utterances = [UtteranceErrors("c/t/2", 5, 1, 0, 2), UtteranceErrors('c/"t/1', 3, 0, 0, 0)]
    write_utterances(str(tmp_path / "utterances.tsv"), utterances)
    assert read_utterances(str(tmp_path / "utterances.tsv")) == utterances


HEADER = "name\twords\tinsertions\tdeletions\tsubstitutions\n"


@pytest.mark.parametrize(
    "content, line",
    [
        ("c/t/1\t1\t0\t0\t0\n", 1),
        (HEADER + "c/t/1\t1\t0\t0\n", 2),
        (HEADER + "c/t/1\t1\t0\t0\t-1\n", 2),
        (HEADER + "c/t/1\t1\t0\t0\t0\nc/t/1\t1\t0\t0\t0\n", 3),
        ("", 1),
    ],
)
def test_a_broken_table_names_file_and_line(tmp_path, content, line):
    (tmp_path / "utterances.tsv").write_text(content)
    with pytest.raises(InputError, match=rf"utterances\.tsv:{line}: "):
        read_utterances(str(tmp_path / "utterances.tsv"))
