"""Phonetisaurus on a made-up, perfectly regular spelling, which it must learn without a fault."""

import random

import pytest

from recipe.errors import InputError
from recipe.lexicon.g2p import apply_g2p, train_g2p

SOUNDS = dict(zip("abdefgiklmnoprstuvz", "AA B D EH F G IH K L M N OW P R S T UW V Z".split(), strict=True))


def spoken(word):
    return tuple(SOUNDS[letter] for letter in word)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    draw = random.Random(0)
    words = {"".join(draw.choices(list(SOUNDS), k=draw.randint(2, 7))) for _ in range(600)}
    path = tmp_path_factory.mktemp("g2p") / "model.fst"
    entries = {word: [spoken(word), ("ZH",)] for word in sorted(words)}  # the second variant must not matter
    train_g2p(entries, path)
    again = path.with_name("again.fst")
    train_g2p(entries, again)
    assert again.read_bytes() == path.read_bytes()
    return path


def test_unseen_words(model):
    words = ["banana", "mandolin", "Trumpet", "zaga"]
    assert apply_g2p(words, model) == {word: [spoken(word.lower())] for word in words}


def test_no_words(model):
    assert apply_g2p([], model) == {}


def test_word_in_unknown_letters(model):
    with pytest.raises(InputError, match="日本"):
        apply_g2p(["banana", "日本"], model)


@pytest.mark.parametrize("words", [["a"], ["ab", "ba", "bab"], ["abde", "fgik"]])
def test_dictionaries_of_a_few_words(words, tmp_path):
    train_g2p({word: [spoken(word)] for word in words}, tmp_path / "model.fst")
    assert apply_g2p(words[:1], tmp_path / "model.fst") == {words[0]: [spoken(words[0])]}


def test_a_dictionary_in_upper_case_gives_the_same_model(model, tmp_path):
    entries = dict(zip(("AB", "BA", "BAB"), map(spoken, ("ab", "ba", "bab")), strict=True))
    for name, case in (("upper", str.upper), ("lower", str.lower)):
        train_g2p({case(word): [phones] for word, phones in entries.items()}, tmp_path / name)
    assert (tmp_path / "upper").read_bytes() == (tmp_path / "lower").read_bytes()
