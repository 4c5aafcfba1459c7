from recipe.transcribe.layout import side_by_side, texts, timing
from recipe.transcribe.transcript import Transcript, Word


def transcript(*words: tuple[str, float, float], acoustic_s=1.0, search_s=0.5) -> Transcript:
    found = tuple(Word(*word) for word in words)
    return Transcript(words=found, loading_s=0.0, acoustic_s=acoustic_s, search_s=search_s)


ONE = transcript(("we", 0.0, 0.2), ("study", 0.2, 0.6), ("whales", 0.7, 1.2))
OTHER = transcript(("we", 0.0, 0.24), ("steady", 0.2, 0.6), ("whales", 0.72, 1.2), ("too", 11.2, 12.0))


def test_rows_align_words_with_the_times_of_both_and_mark_differences():
    assert side_by_side(ONE, OTHER) == [
        "time (s)         digital     time (s)         memristor",
        "  0.00 -   0.20  we            0.00 -   0.24  we",
        "  0.20 -   0.60  study    *    0.20 -   0.60  steady",
        "  0.70 -   1.20  whales        0.72 -   1.20  whales",
        "-                -        *   11.20 -  12.00  too",
    ]


def test_nothing_recognised_on_one_side_or_both():
    assert all(" * " in row for row in side_by_side(ONE, transcript())[1:])
    assert len(side_by_side(transcript(), transcript())) == 1
    assert "(no word recognised)" in texts(["a", "b"], [transcript(), ONE], None)[0]


def test_errors_are_counted_against_a_reference_in_the_corpus_spelling():
    lines = texts(["digital", "memristor"], [ONE, OTHER], "We  study WHALES")
    assert lines[0].endswith(": we study whales")
    assert "0 of 3 words wrong, 0.0 %" in lines[1]
    assert "2 of 3 words wrong, 66.7 %" in lines[2]
    assert texts(["a", "b"], [ONE, ONE], "don't")[0].endswith(": don 't")


def test_the_real_time_factor_is_computing_over_audio():
    assert timing(3.0, [ONE, OTHER])[1].split() == ["digital", "1.00", "s", "0.50", "s", "0.500"]
