import pytest

from recipe.errors import InputError
from recipe.lexicon.labels import PhonemeLabels, SentencePieceLabels


def test_order_of_the_inventory():
    inventory = PhonemeLabels().inventory
    assert len(inventory) == 79 == len(set(inventory)) and PhonemeLabels().num_labels == 78
    assert [inventory[index] for index in (0, 38, 39, 77, 78)] == ["AA", "ZH", "AA#", "ZH#", "<blank>"]
    assert list(inventory[:39]) == sorted(inventory[:39])


def test_spelling_marks_the_last_phone():
    assert PhonemeLabels().spell(("D", "OW", "N")) == ("D", "OW", "N#")
    assert PhonemeLabels().spell(("T",)) == ("T#",)


@pytest.mark.parametrize("values", [{"size": 5}, {"size": 128, "model_type": "words"}])
def test_impossible_pieces(values):
    with pytest.raises(InputError, match="SentencePieceLabels"):
        SentencePieceLabels(**values)
