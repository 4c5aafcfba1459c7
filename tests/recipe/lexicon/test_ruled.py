"""A dictionary written as a text rule says."""

from recipe.corpus.text_rule import TextRule
from recipe.lexicon.ruled import ruled

SPLIT = TextRule(apostrophes="split")


def words(**entries):
    return {word: [tuple(one.split()) for one in variants.split("/")] for word, variants in entries.items()}


def test_the_rule_that_changes_nothing_returns_the_dictionary():
    entries = words(a="AH")
    assert ruled(entries, TextRule()) is entries


def test_cases_of_one_word_are_merged():
    entries = {"Read": [("R", "IY", "D")], "READ": [("R", "EH", "D"), ("R", "IY", "D")]}
    assert ruled(entries, TextRule(lower_case=True)) == {"read": [("R", "IY", "D"), ("R", "EH", "D")]}


def test_contractions_give_their_phones_to_both_halves():
    entries = {"don't": [("D", "OW", "N", "T")], "it": [("IH", "T")], "it's": [("IH", "T", "S")]}
    entries |= {"you're": [("Y", "UH", "R")], "i'll": [("AY", "L")]}
    assert ruled(entries, SPLIT) == {
        "don": [("D", "OW", "N")],
        "'t": [("T",)],
        "it": [("IH", "T")],
        "'s": [("S",)],
        "you": [("Y", "UH")],
        "'re": [("R",)],
        "i": [("AY",)],
        "'ll": [("L",)],
    }


def test_a_known_first_half_tells_where_an_unknown_second_one_begins():
    entries = {"o": [("OW",)], "o'clock": [("OW", "K", "L", "AA", "K")]}
    assert ruled(entries, SPLIT)["'clock"] == [("K", "L", "AA", "K")]
    del entries["o"]
    assert ruled(entries, SPLIT) == {}


def test_halves_that_the_dictionary_has_are_kept():
    entries = {"don": [("D", "AA", "N")], "'t": [("T",)]}
    assert ruled(entries, SPLIT) == entries
    assert ruled(entries, TextRule(apostrophes="joined")) == entries


def test_markers_are_no_words():
    entries = {"[noise]": [("AH",)], "<unk>": [("AH",)], "a": [("AH",)]}
    assert ruled(entries, TextRule(drop_markers=True)) == {"a": [("AH",)]}
