import json

import pytest

from recipe.errors import InputError
from recipe.formats.score import read_score, write_score

SCORE = {
    "utterances": 2,
    "words": 40,
    "insertions": 5,
    "deletions": 2,
    "substitutions": 3,
    "wer_percent": 25.0,
    "interval95_percent": [20.0, 30.0],
}


def test_what_is_written_is_read_again_with_keys_of_a_later_time(tmp_path):
    score = SCORE | {"sentence_error_rate_percent": 50.0}
    write_score(tmp_path / "score.json", score)
    assert read_score(tmp_path / "score.json") == score


@pytest.mark.parametrize(
    "change",
    [
        {"words": 41},
        {"words": 0},
        {"deletions": "2"},
        {"wer_percent": 25.1},
        {"wer_percent": None},
        {"interval95_percent": [30.0, 20.0]},
        {"interval95_percent": [20.0]},
    ],
)
def test_a_rate_that_is_not_that_of_the_counts_is_refused(tmp_path, change):
    (tmp_path / "score.json").write_text(json.dumps(SCORE | change))
    with pytest.raises(InputError, match=r"score\.json is not a score"):
        read_score(tmp_path / "score.json")


@pytest.mark.parametrize("content", ["[]", "7", json.dumps({"words": 40})])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "score.json").write_text(content)
    with pytest.raises(InputError, match=r"score\.json is not a score"):
        read_score(tmp_path / "score.json")
