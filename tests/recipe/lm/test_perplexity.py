"""Perplexity against probabilities worked out by hand from an ARPA file that one can read."""

import pytest

from recipe.errors import InputError
from recipe.lm.estimate import build_binary
from recipe.lm.perplexity import perplexity

ARPA = """\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-2.0\t<unk>\t0
0\t<s>\t-0.25
-1.0\t</s>\t0
-0.5\ta\t-0.125
-0.75\tb\t-0.375

\\2-grams:
-0.0625\t<s> a
-0.25\ta b
-0.5\tb </s>

\\end\\
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "lm.arpa").write_text(ARPA)
    build_binary(str(tmp_path / "lm.arpa"), str(tmp_path / "lm.bin"), str(tmp_path))
    return str(tmp_path / "lm.bin")


def measured(model, tmp_path, content):
    (tmp_path / "text.txt").write_text(content)
    return perplexity(model, str(tmp_path / "text.txt"))


def test_known_words_use_the_listed_bigrams(model, tmp_path):
    found = measured(model, tmp_path, "a b </s>\n")
    assert found["perplexity"] == pytest.approx(10 ** ((0.0625 + 0.25 + 0.5) / 3), rel=1e-5)
    assert found["perplexity_without_oov"] == pytest.approx(found["perplexity"])
    assert {key: found[key] for key in ("words", "sentences", "oovs")} == {"words": 2, "sentences": 1, "oovs": 0}


def test_unknown_words_back_off_and_are_counted(model, tmp_path):
    # p(b|<s>) = backoff(<s>) b; p(x|b) = backoff(b) unk; p(a|unk) = a; p(</s>|a) = backoff(a) </s>
    found = measured(model, tmp_path, "b x a\n\n")
    known = (0.25 + 0.75) + 0.5 + (0.125 + 1.0)
    assert found["oovs"] == 1
    assert found["perplexity"] == pytest.approx(10 ** ((known + 0.375 + 2.0) / 4), rel=1e-5)
    assert found["perplexity_without_oov"] == pytest.approx(10 ** (known / 3), rel=1e-5)


def test_a_broken_model_names_the_file(model, tmp_path):
    with open(model, "r+b") as file:
        file.truncate(200)
    with pytest.raises(InputError, match=r"lm\.bin: not a whole KenLM model"):
        measured(model, tmp_path, "a\n")


def test_an_empty_text_is_refused(model, tmp_path):
    with pytest.raises(InputError, match=r"text\.txt: no words"):
        measured(model, tmp_path, "\n")
