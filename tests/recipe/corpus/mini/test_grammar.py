import random
import re

import pytest

from recipe.corpus.mini.grammar import Grammar, load_grammar


def test_every_symbol_has_a_rule():
    rules = load_grammar().rules
    used = {symbol for choices, _ in rules.values() for choice in choices for symbol in re.findall(r"<(.*?)>", choice)}
    plain, by_topic = ({name for name in rules if ("@" in name) == topical} for topical in (False, True))
    topics = load_grammar().topics
    for symbol in used - plain:
        assert all(f"{symbol}@{topic}" in by_topic for topic in topics), symbol


def test_words_are_plain():
    words = load_grammar().words()
    assert 1000 < len(words) < 1500
    assert not [word for word in words if not re.fullmatch("[a-z]+('[a-z]+)?", word)]


def test_weights_and_topics():
    grammar = Grammar(
        "# comment\nsentence: <thing> *3 | <how>\nthing@sea: whale\nthing@city: a apple\nhow: no\nhow@city: slowly\n"
    )
    draw = random.Random(0)
    said = [grammar.sentence("city", draw) for _ in range(800)]
    assert set(said) == {"an apple", "no", "slowly"}
    assert 0.68 < said.count("an apple") / 800 < 0.82
    assert 0.10 < said.count("slowly") / 800 < 0.20 and 0.06 < said.count("no") / 800 < 0.14
    assert grammar.topics == ["city", "sea"]
    assert grammar.words() == {"no", "slowly", "whale", "a", "apple", "an"}


@pytest.mark.parametrize("seed", range(3))
def test_sentences_hold_listed_words_only(seed):
    grammar, draw = load_grammar(), random.Random(seed)
    for _ in range(200):
        sentence = grammar.sentence(draw.choice(grammar.topics), draw)
        assert set(sentence.split()) <= grammar.words(leaving_out="coinage")
        assert not re.search(r"\ba [aei]", sentence)
