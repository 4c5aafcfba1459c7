from recipe.formats.utterances import UtteranceErrors
from recipe.scoring.alignment import align
from recipe.scoring.word_errors import readable, utterance_errors


def test_each_kind_of_error_is_counted_as_such():
    pairs = align("the cat sat on mats", "The bat sat on on")
    assert utterance_errors("c/t/1", pairs) == UtteranceErrors("c/t/1", 5, 0, 0, 2)
    assert utterance_errors("c/t/1", align("a b c", "b c d")) == UtteranceErrors("c/t/1", 3, 1, 1, 0)
    assert utterance_errors("c/t/1", align("a b", "")) == UtteranceErrors("c/t/1", 2, 0, 2, 0)


def test_alignment_stands_in_columns_with_errors_in_capitals():
    shown = readable("c/t/1", align("a long day", "long days off"))
    assert shown == "c/t/1\nREF: A   long ***  DAY\nHYP: *** long DAYS OFF\n"
