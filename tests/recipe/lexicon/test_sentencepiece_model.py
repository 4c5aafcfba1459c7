import random

import pytest

from recipe.corpus.mini.grammar import load_grammar
from recipe.errors import InputError
from recipe.lexicon.labels import SentencePieceLabels
from recipe.lexicon.sentencepiece_model import SentencePieceSpeller, train_sentencepiece


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "text.txt"
    draw = random.Random(0)
    path.write_text("".join(f"{load_grammar().sentence('ocean', draw)}\n" for _ in range(400)))
    return path


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
def test_pieces_spell_words(text, model_type):
    labels = SentencePieceLabels(size=60, model_type=model_type)
    models = [text.with_name(f"{model_type}{run}.model") for run in (1, 2)]
    for model in models:
        same_text = model.with_suffix(".txt")  # of another name: no path enters a model
        same_text.write_bytes(text.read_bytes())
        train_sentencepiece(same_text, labels, model)
    assert models[0].read_bytes() == models[1].read_bytes()
    speller = SentencePieceSpeller(models[0])
    assert len(speller.inventory) == labels.num_labels + 1
    assert speller.inventory[-1] == "<blank>"
    spelled, unspellable = speller.lexicon(["whale", "songs", "'t", "日本"])
    lexicon = dict(spelled)
    assert list(lexicon) == ["whale", "songs", "'t"] and unspellable == ["日本"]
    for word, pieces in lexicon.items():
        assert "".join(pieces) == "▁" + word
        assert set(pieces) <= set(speller.inventory)


def test_more_pieces_than_the_text_holds(text):
    with pytest.raises(InputError, match="size 5000"):
        train_sentencepiece(text, SentencePieceLabels(size=5000), text.with_name("too.large"))
    assert not text.with_name("too.large").exists()
