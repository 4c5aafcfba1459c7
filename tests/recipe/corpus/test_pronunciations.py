"""Dictionaries of other projects in the form that the lexicon stage reads."""

import pytest

from recipe.corpus.pronunciations import cmudict_entries, given_entries, write_plain_dictionary
from recipe.errors import InputError
from recipe.lexicon.dictionary import read_dictionary


def test_stress_case_noises_and_comments_are_taken_off(tmp_path):
    (tmp_path / "lexicon.txt").write_text(
        ";;; a comment\nREAD R IY1 D\nREAD  R EH1 D\nREAD(2) R EH0 D\n<UNK> SPN\n!SIL SIL\n[noise] NSN\n"
        "DON'T\tD OW1 N T\n"
    )
    count = write_plain_dictionary(given_entries(tmp_path / "lexicon.txt"), str(tmp_path / "plain.dic"))
    assert count == 3
    assert read_dictionary(tmp_path / "plain.dic") == {
        "read": [("R", "IY", "D"), ("R", "EH", "D")],
        "don't": [("D", "OW", "N", "T")],
    }


def test_a_word_without_phones_and_an_empty_dictionary_are_refused(tmp_path):
    (tmp_path / "a.dic").write_text("we W IY\nhouse\n")
    with pytest.raises(InputError, match="a.dic:2: no pronunciation for 'house'"):
        list(given_entries(tmp_path / "a.dic"))
    with pytest.raises(InputError, match="holds no word"):
        write_plain_dictionary([], str(tmp_path / "plain.dic"))
    assert not (tmp_path / "plain.dic").exists()


def test_cmus_dictionary_is_read_by_the_lexicon_stage(tmp_path):
    write_plain_dictionary(cmudict_entries(), str(tmp_path / "cmudict.dic"))
    words = read_dictionary(tmp_path / "cmudict.dic")
    assert len(words) > 120_000
    assert words["don't"][0] == ("D", "OW", "N", "T") and ("R", "EH", "D") in words["read"]
