import json

import pytest

from recipe.errors import InputError
from recipe.formats.search_errors import SearchedTwice, SearchErrors, read_search_errors, write_search_errors


def utterance(score, wide_score, **counts) -> SearchedTwice:
    return SearchedTwice(
        name="ä", score=score, wide_score=wide_score, **{"words": 5, "errors": 2, "wide_errors": 1} | counts
    )


def test_what_is_written_is_read(tmp_path):
    found = SearchErrors(search="1/2/3", wide="4/4/6", utterances=(utterance(-7.25, -7.0), utterance(None, None)))
    write_search_errors(tmp_path / "x.json", found)
    assert read_search_errors(tmp_path / "x.json") == found


@pytest.mark.parametrize(
    ("score", "wide_score", "missed"),
    [(-7.0, -6.0, True), (-6.0, -7.0, False), (-6.0, -6.00001, False), (-6.0, -5.99999, False)]
    + [(None, -5.0, True), (-5.0, None, False), (None, None, False)],
)
def test_an_utterance_is_missed_where_the_wider_search_scores_higher(score, wide_score, missed):
    assert utterance(score, wide_score).missed is missed


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"search": "1", "wide": "2", "utterances": []}'])
def test_broken_files_are_refused(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InputError, match="x.json"):
        read_search_errors(tmp_path / "x.json")


def test_an_entry_that_lacks_a_count_is_refused(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"search": "1", "wide": "2", "utterances": [{"name": "a"}]}))
    with pytest.raises(InputError, match="no sample of search errors"):
        read_search_errors(tmp_path / "x.json")
