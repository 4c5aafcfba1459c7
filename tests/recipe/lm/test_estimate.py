"""lmplz and build_binary, judged by what any n-gram model must satisfy."""

import random

import kenlm
import pytest

from recipe.errors import InputError
from recipe.files import open_text
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import build_binary, estimate, vocabulary_words
from recipe.lm.tools import ToolError, kenlm_tool, run_tool

WORDS = [f"w{index}" for index in range(30)]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A text in which a word depends on the one before, in a folder whose name a shell would split."""
    draw = random.Random(5)
    path = tmp_path_factory.mktemp("a text \u00e9'") / "text.gz"
    with open_text(path, "wt") as file:
        for _ in range(3000):
            sentence = [draw.randrange(30)]
            while draw.random() < 0.85:
                sentence.append((sentence[-1] * 7 + draw.choice([1, 1, 1, 2, 5, draw.randrange(30)])) % 30)
            file.write(" ".join(WORDS[index] for index in sentence) + "\n")
    return str(path)


def estimated(text, folder, vocabulary=None, **fields):
    arpa, binary = str(folder / "lm.arpa.gz"), str(folder / "lm.bin")
    log = estimate(text, arpa, NgramConfig(discount_fallback=True, **fields), 0.1, str(folder), vocabulary)
    build_binary(arpa, binary, str(folder))
    return kenlm.Model(binary), log


def total_probability(model, history, vocabulary):
    """Sum of p(w | history) over all words, the sentence end and the unknown word."""
    state = kenlm.State()
    model.BeginSentenceWrite(state)
    for word in history:
        after = kenlm.State()
        model.BaseScore(state, word, after)
        state = after
    return sum(10 ** model.BaseScore(state, word, kenlm.State()) for word in [*vocabulary, "</s>", "<unk>"])


@pytest.mark.parametrize("order", [2, 4])
def test_probabilities_sum_to_one_after_any_history(text, tmp_path, order):
    model, _ = estimated(text, tmp_path, order=order)
    assert model.order == order
    draw = random.Random(order)
    for length in (0, 1, 2, 3, 5):
        assert total_probability(model, draw.choices(WORDS, k=length), WORDS) == pytest.approx(1, abs=1e-4)


def test_words_outside_the_vocabulary_become_unknown_and_mass_is_kept(text, tmp_path):
    listed = tmp_path / "lexicon.txt"
    listed.write_text("[noise] x\n" + "".join(f"{word} P Q\n{word} P\n" for word in WORDS[:10]))
    assert vocabulary_words(str(listed)) == WORDS[:10]
    model, _ = estimated(text, tmp_path, vocabulary=str(listed))
    assert [word in model for word in ("w0", "w9", "w10", "[noise]")] == [True, True, False, False]
    assert total_probability(model, ["w3", "w10"], WORDS[:10]) == pytest.approx(1, abs=1e-4)


def test_pruning_leaves_out_rare_ngrams_only(text, tmp_path):
    def trigrams(prune):
        folder = tmp_path / str(len(prune))
        folder.mkdir()
        estimated(text, folder, order=3, prune=prune)
        with open_text(folder / "lm.arpa.gz") as file:
            return {line.split("\t")[1] for line in file.read().split("\\3-grams:")[1].splitlines() if "\t" in line}

    with open_text(text) as file:
        sentences = ["<s> " + line.strip() + " </s>" for line in file]
    counts = {}
    for words in map(str.split, sentences):
        for i in range(len(words) - 2):
            counts[" ".join(words[i : i + 3])] = counts.get(" ".join(words[i : i + 3]), 0) + 1
    assert trigrams(()) == set(counts)
    assert trigrams((0, 0, 2)) == {ngram for ngram, count in counts.items() if count > 2}


def test_equal_text_gives_equal_bytes_whatever_the_memory(text, tmp_path):
    for name, memory_gb in (("a", 0.1), ("b", 0.3)):
        estimate(text, str(tmp_path / f"{name}.arpa.gz"), NgramConfig(discount_fallback=True), memory_gb, str(tmp_path))
    assert (tmp_path / "a.arpa.gz").read_bytes() == (tmp_path / "b.arpa.gz").read_bytes()


def test_too_small_a_text_is_refused_unless_fallback_is_configured(tmp_path):
    tiny = tmp_path / "tiny.txt"
    tiny.write_text("a b\na c\n")
    with pytest.raises(InputError, match=r"tiny\.txt: too small .*discount_fallback=True"):
        estimate(str(tiny), str(tmp_path / "lm.arpa.gz"), NgramConfig(), 0.1, str(tmp_path))
    assert not (tmp_path / "lm.arpa.gz").exists()
    model, log = estimated(str(tiny), tmp_path)
    assert "a" in model and "allback" in log  # lmplz says for which orders


def test_a_broken_arpa_leaves_no_binary(tmp_path):
    broken = tmp_path / "lm.arpa"
    broken.write_text("\\data\\\nngram 1=3\n\n\\1-grams:\n-1\t<unk>\n")
    with pytest.raises(InputError, match=r"lm\.arpa: not a whole ARPA model"):
        build_binary(str(broken), str(tmp_path / "lm.bin"), str(tmp_path))
    assert not list(tmp_path.glob("*lm.bin"))


def test_a_text_that_breaks_off_gives_no_model(text, tmp_path):
    broken = tmp_path / "text.gz"
    with open(text, "rb") as file:
        broken.write_bytes(file.read()[:-500])
    with pytest.raises(InputError, match=r"text\.gz: unreadable after line"):
        estimate(str(broken), str(tmp_path / "lm.arpa.gz"), NgramConfig(discount_fallback=True), 0.1, str(tmp_path))
    assert not (tmp_path / "lm.arpa.gz").exists()


def test_a_missing_program_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("recipe.lm.tools.configured_folder", lambda: str(tmp_path))
    with pytest.raises(InputError, match="lmplz is not in .*KENLM_BIN_DIR.*tools/kenlm/build.py"):
        kenlm_tool("lmplz")


def test_a_failing_program_shows_its_last_line():
    with pytest.raises(ToolError, match="failed: No such file or directory while opening no_such_file"):
        run_tool([kenlm_tool("build_binary"), "no_such_file", "lm.bin"])
