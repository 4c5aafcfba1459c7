from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.spoken_games.words import spoken_number, spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("WELL... I DON'T KNOW, OK?", "well i don't know okay"),
        ('"Mary-Lou", he said: (sigh) <gulp> hello!', "mary lou he said hello"),
        ("Open 24 hours since 1948.", "open twenty four hours since nineteen forty eight"),
        ("Mr. Smith and B.J. came", "mister smith and b j came"),
        ("It's sooo niiice, goood, freee, pleeease", "it's so nice good free please"),
        ("YOU CANT SAY THAT'", "you can't say that"),
        ("'em and goin' home", "'em and goin' home"),
        ("Hmmm, hm, ummm... AHHH!", "hmm hmm um ah"),
        ("The Treatment^_ @@ works", "the treatment works"),
    ],
)
def test_words_that_are_heard(text, words):
    assert spoken_words(text, Counter()) == words


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ROOM 512", "number"),
        ("at 19:00 hours", "number"),
        ("the 13th", "number"),
        ("x&#$ he got away", "other character"),
        ("(sigh)", "no words"),
        ("...", "no words"),
        ("Mmmrft, grrblt wrrl", "mostly unknown"),
    ],
)
def test_lines_that_cannot_be_trusted_are_refused_and_counted(text, rule):
    counts = Counter()
    assert spoken_words(text, counts) is None
    assert counts[f"refused: {rule}"] == 1


def test_rules_are_counted():
    counts = Counter()
    spoken_words("(sigh) Mr. Bean ate 24 soooo big cakes, didnt he", counts)
    assert counts == Counter({"stage direction": 1, "abbreviation": 1, "number": 1, "drawn out": 1, "apostrophe": 1})


@pytest.mark.parametrize("number", ["05", "101", "1005", "2001", "1.5", ""])
def test_numbers_with_several_readings(number):
    assert spoken_number(number) is None


@given(st.text(max_size=60))
def test_only_letters_apostrophes_and_single_spaces_come_out(text):
    words = spoken_words(text, Counter())
    if words is not None:
        assert words and words == " ".join(words.split())
        assert set(words) <= set("abcdefghijklmnopqrstuvwxyz' ")


def test_noise_of_letters_takes_no_time():
    assert spoken_words("aaabbb" * 200, Counter()) is None  # every run could be written in two ways
