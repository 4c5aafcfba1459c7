from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.mini.dictionary import dictionary_entries, write_dictionary
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.stm import split_apostrophes
from recipe.lexicon.labels import PHONES


def test_covers_all_words_but_the_coinages():
    grammar, entries = load_grammar(), dictionary_entries(tiny_corpus())
    coinages = set(grammar.rules["coinage"][0])
    tokens = {token for word in grammar.words() for token in split_apostrophes(word).split()}
    assert tokens - entries.keys() == coinages
    assert all(pronunciations for pronunciations in entries.values())


def test_pronunciations_are_stress_free_phones():
    for word, pronunciations in dictionary_entries(tiny_corpus()).items():
        assert all(set(phones.split()) <= set(PHONES) for phones in pronunciations), word


def test_stems_of_contractions_sound_as_in_the_contraction():
    entries = dictionary_entries(tiny_corpus())
    assert entries["don"][0] == "D OW N"
    assert "D IH D AH N" in entries["didn"]
    assert entries["can"][0] == "K AE N"


def test_file_format(tmp_path):
    write_dictionary(tmp_path / "a.dic", tiny_corpus())
    lines = (tmp_path / "a.dic").read_text(encoding="utf-8").splitlines()
    assert {"'d   D IY", "'ll   EH L EH L", "ayışığı EY", "'s   Z", "'s(2)   S"} <= set(lines)
    assert lines == sorted(lines, key=lambda line: line.split("(")[0].split()[0])
