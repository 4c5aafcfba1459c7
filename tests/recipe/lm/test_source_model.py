"""A source's model against lmplz's own ARPA as KenLM's module reads it, and against what any model must satisfy."""

import kenlm
import numpy as np
import pytest

from recipe.errors import InputError
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import build_binary, estimate
from recipe.lm.mixture import mix
from recipe.lm.source_model import estimate_source
from recipe.lm.table import BEGIN_ID, NgramTable, shared_words, text_probabilities


def test_every_history_sums_to_one_over_the_shared_vocabulary(toy, histories):
    for table in toy.tables:
        slow = toy.slow(table)
        assert [slow.total(history) for history in histories] == pytest.approx([1] * len(histories), abs=1e-5)


def test_every_word_of_the_vocabulary_has_a_probability_in_every_model(toy):
    for table in toy.tables:
        unigrams = np.delete(table.levels[0].prob, BEGIN_ID)
        assert len(unigrams) == len(toy.words) - 1 and unigrams.min() > 0


def test_probabilities_are_those_of_lmplz(toy, tmp_path):
    arpa, binary = str(tmp_path / "lm.arpa.gz"), str(tmp_path / "lm.bin")
    text = tmp_path / "text.txt"  # without words outside the vocabulary, where the two differ on purpose
    text.write_text("".join(line for line in open(toy.texts[2]).readlines() if "stranger" not in line))
    config = NgramConfig(order=3, discount_fallback=True)
    words = [word for word in toy.words[3:] if f"{word} " in text.read_text()]
    estimate(str(text), arpa, config, 0.1, str(tmp_path))
    build_binary(arpa, binary, str(tmp_path))
    model = kenlm.Model(binary)
    expected = [10 ** score[0] for line in open(toy.texts[0]) for score in model.full_scores(line.strip())]
    table = estimate_source(str(text), shared_words(words), config, 0.1, str(tmp_path))
    assert text_probabilities(table, toy.texts[0]) == pytest.approx(expected, rel=2e-4)


def test_counts_can_be_cut_off(toy, tmp_path):
    config = NgramConfig(order=3, discount_fallback=True, prune=(0, 0, 1))
    table = estimate_source(toy.texts[2], toy.words, config, 0.1, str(tmp_path))
    assert len(table.levels[2]) < len(toy.tables[2].levels[2])
    assert set(table.levels[1].keys) == set(toy.tables[2].levels[1].keys)
    assert toy.slow(table).total(("w1", "w2")) == pytest.approx(1, abs=1e-5)


def test_a_source_without_long_ngrams_takes_part(toy, tmp_path):
    config = NgramConfig(order=3, discount_fallback=True, prune=(0, 0, 10_000))
    short = estimate_source(toy.texts[0], toy.words, config, 0.1, str(tmp_path))
    assert len(short.levels[2]) == 0
    for tables in ([short, toy.tables[1]], [toy.tables[1], short]):
        assert toy.slow(mix(tables, [0.5, 0.5])).total(("w1", "w2")) == pytest.approx(1, abs=1e-5)


def test_scratch_files_are_gone(toy):
    assert sorted(path.name for path in toy.folder.iterdir()) == ["all.txt", "lmplz.log", "one.txt", "two.txt"]


def test_bad_utf8_is_told_with_file_and_line(tmp_path):
    text = tmp_path / "latin.txt"
    text.write_bytes(b"fine\n" * 3000 + b"caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.txt:3001: not UTF-8"):
        estimate_source(str(text), shared_words(["fine"]), NgramConfig(), 0.1, str(tmp_path))


def test_a_saved_table_is_the_same_and_a_broken_one_is_refused(toy, tmp_path):
    folder = tmp_path / "model"
    toy.tables[0].save(str(folder))
    loaded = NgramTable.load(str(folder))
    assert loaded.words == toy.words
    assert text_probabilities(loaded, toy.texts[0]).tolist() == text_probabilities(toy.tables[0], toy.texts[0]).tolist()
    with open(folder / "2.prob.npy", "r+b") as file:
        file.truncate(200)
    with pytest.raises(InputError, match="model: not a whole n-gram table"):
        NgramTable.load(str(folder))
