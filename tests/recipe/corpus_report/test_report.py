"""What the report says of a corpus that is broken in one place."""

import shutil

import numpy as np
import pytest

from recipe.corpus.config import StmRules
from recipe.corpus.text_rule import TextRule
from recipe.corpus_report.findings import STOPS, WARNS, stopping_sentence
from recipe.corpus_report.limits import CorpusLimits, Limit
from recipe.corpus_report.page import page
from recipe.corpus_report.segment_checks import OutputFrames, too_short
from recipe.corpus_report.transcripts import left_out_finding
from recipe.features.config import LogMelConfig
from recipe.formats.segments import Segment
from tests.recipe.corpus_report.harness import (
    SEGMENTS,
    TALKS,
    dictionary,
    edit,
    edit_text,
    lm_text,
    odd,
    read_sound,
    report_of,
    stms,
    texts,
    write_dictionary,
    write_lm_text,
    write_sound,
)

LIMITS = CorpusLimits()


def test_nothing_is_odd_about_a_sound_corpus(corpus):
    report = report_of(corpus)
    assert odd(report) == {}
    assert stopping_sentence(report.findings, LIMITS, "page") == ""
    assert report.parts["dev"] == {"segments": 10, "hours": 0.008, "words": 90, "recordings": 2, "speakers": 2}


# words


def test_dev_words_that_the_dictionary_lacks_are_counted_and_stop_a_graph_where_they_are_many(corpus):
    said = sorted({word for text in texts(corpus, "dev") for word in text.split()} - {"it", "don", "can", "'t", "'s"})
    missing = set(said[:: len(said) // 6])
    write_dictionary(corpus, [entry for entry in dictionary(corpus) if entry.split()[0] not in missing])
    expected = sum(word in missing for text in texts(corpus, "dev") for word in text.split())
    found = odd(report_of(corpus))["unknown_words", "dev"]
    assert (found.count, found.of, found.verdict(LIMITS)) == (expected, 90, WARNS)
    assert set(found.examples) <= missing and len(found.examples) == 3
    assert f"{len(missing)} of " in found.what
    write_dictionary(corpus, [entry for entry in dictionary(corpus) if entry.split()[0] not in said])
    assert odd(report_of(corpus))["unknown_words", "dev"].verdict(LIMITS) == STOPS


def test_words_that_training_has_are_no_longer_unknown_with_g2p(corpus):
    missing = texts(corpus, "dev")[0].split()[:1]
    edit_text(stms(corpus, "train")[0], lambda text: f"{text} {missing[0]}")
    write_dictionary(corpus, [entry for entry in dictionary(corpus) if entry.split()[0] not in missing])
    assert ("unknown_words", "dev") in odd(report_of(corpus))
    report = report_of(corpus, g2p=True)
    assert not {"unknown_words", "unknown_lm_words"} & {check for check, _ in odd(report)}


@pytest.mark.parametrize("rule", [TextRule(), TextRule(lower_case=True)])
def test_a_dictionary_in_upper_case_stops_unless_a_rule_lowers_it(corpus, rule):
    entries = [entry.split(maxsplit=1) for entry in dictionary(corpus)]
    write_dictionary(corpus, [f"{word.upper()} {phones}" for word, phones in entries])
    report = report_of(corpus, StmRules(text=rule))
    sentence = stopping_sentence(report.findings, LIMITS, "page.txt")
    if rule.lower_case:
        assert odd(report) == {} and sentence == ""
    else:
        assert odd(report)["letter_case", "dev"].percent == 100
        assert sentence.startswith("train: 180 of 180 (100 %) words that words.dic has")
        assert "words.dic has in other letter case alone" in sentence and "TextRule(lower_case=True)" in sentence
        assert "CorpusLimits(letter_case=Limit(stop=100))" in sentence and "page.txt" in sentence


@pytest.mark.parametrize("rule", [TextRule(), TextRule(lower_case=True)])
def test_an_lm_text_in_upper_case_stops_unless_a_rule_lowers_it(corpus, rule):
    write_lm_text(corpus, [one.upper() for one in lm_text(corpus)])
    report = report_of(corpus, StmRules(text=rule))
    if rule.lower_case:
        assert odd(report) == {}
    else:
        assert odd(report)["letter_case", "news.en.gz"].verdict(LIMITS) == STOPS
        assert odd(report)["lm_text_unknown_words", "news.en.gz"].percent == 100
        assert stopping_sentence(report.findings, LIMITS, "").startswith(
            f"{corpus}/LM/news.en.gz: 2,700 of 2,700 (100 %)"
        )
        assert str(corpus) not in page(report, "mine", LIMITS)  # the same bytes wherever the work directory is


def test_transcripts_in_upper_case_stop(corpus):
    for part in TALKS:
        for path in stms(corpus, part):
            edit_text(path, str.upper)
    assert {where for check, where in odd(report_of(corpus)) if check == "letter_case"} >= {"train", "dev", "test"}


def joined(text: str) -> str:
    return text.replace(" '", "'")


def ordinary_dictionary(root):
    """Contractions are words."""
    entries = [entry for entry in dictionary(root) if "'" not in entry]
    write_dictionary(root, [*entries, "don't D OW N T", "can't K AE N T", "it's IH T S"])


@pytest.mark.parametrize("apostrophes", ["split", "joined"])
def test_an_ordinary_dictionary_beside_split_transcripts_stops_unless_a_rule_makes_them_alike(corpus, apostrophes):
    ordinary_dictionary(corpus)
    report = report_of(corpus)
    found = odd(report)["contractions", "train"]
    assert (found.count, found.of, found.verdict(LIMITS)) == (20, 20, STOPS)
    assert set(found.examples) <= {"don 't", "can 't", "it 's"}
    assert "TextRule(apostrophes='split')" in stopping_sentence(report.findings, LIMITS, "")
    rule = TextRule(apostrophes=apostrophes)
    assert odd(report_of(corpus, StmRules(text=rule))) == {}


def test_joined_transcripts_beside_a_split_dictionary_stop(corpus):
    for part in TALKS:
        for path in stms(corpus, part):
            edit_text(path, joined)
    write_lm_text(corpus, [joined(one) for one in lm_text(corpus)])
    found = odd(report_of(corpus, StmRules(split_apostrophes=False)))["contractions", "dev"]
    assert found.verdict(LIMITS) == STOPS and "don't" in found.examples
    assert odd(report_of(corpus, StmRules(text=TextRule(apostrophes="split")))) == {}


@pytest.mark.parametrize("apostrophe", ["'", "\u2019"])
def test_an_lm_text_with_contractions_in_another_form_is_told(corpus, apostrophe):
    write_lm_text(corpus, [joined(one).replace("'", apostrophe) for one in lm_text(corpus)])
    found = odd(report_of(corpus))["lm_contractions", "news.en.gz"]
    assert (found.count, found.of) == (300, 300) and found.verdict(LIMITS) == WARNS
    assert f"don{apostrophe}t" in found.examples
    assert odd(report_of(corpus, StmRules(text=TextRule(apostrophes="split")))) == {}


@pytest.mark.parametrize("marker", ["{NOISE}", "<unk>", "(2)", "[laughter]", "++um++", "%hes", "+uh+", "[door slams]"])
def test_a_marker_in_a_transcript_is_told_or_dropped_by_a_rule(corpus, marker):
    for part in ("train", "dev"):
        edit(stms(corpus, part)[0], "<NA> ", f"<NA> {marker} ", 1)
    found = odd(report_of(corpus))
    for part in ("train", "dev"):
        assert found["markers", part].examples[0] in marker.split()
    dropped = report_of(corpus, StmRules(text=TextRule(drop_markers=True)))
    assert odd(dropped) == {}


def test_markers_in_an_lm_text_are_told(corpus):
    write_lm_text(corpus, [*lm_text(corpus), "dad [laughter] kat"])
    assert odd(report_of(corpus))["lm_markers", "news.en.gz"].examples == ["[laughter]"]
    assert odd(report_of(corpus, StmRules(text=TextRule(drop_markers=True)))) == {}


@pytest.mark.parametrize("word", ["café", "co2", "naïve", "日本", "50%"])
def test_a_letter_that_no_dictionary_word_has_is_told(corpus, word):
    for path in (stms(corpus, "train")[0], stms(corpus, "dev")[1]):
        edit(path, "<NA> ", f"<NA> {word} ", 1)
    found = odd(report_of(corpus))
    assert found["foreign_letters", "train"].examples == [word]
    assert found["foreign_letters", "dev"].examples == [word]
    assert found["foreign_letters", "dev"].verdict(LIMITS) == STOPS  # one of 90
    write_dictionary(corpus, [*dictionary(corpus), f"{word} K AE"])
    assert not {check for check, _ in odd(report_of(corpus))} & {"foreign_letters"}


def test_words_that_no_text_holds_are_counted(corpus):
    write_dictionary(corpus, [*dictionary(corpus), "kukuk K UW K UW K"])
    edit_text(stms(corpus, "dev")[0], lambda text: f"{text} kukuk")
    found = odd(report_of(corpus))["unseen_lm_words", "dev"]
    assert (found.count, found.examples) == (SEGMENTS, ["kukuk"])
    write_lm_text(corpus, ["kukuk"], "birds")
    assert ("unseen_lm_words", "dev") not in odd(report_of(corpus))


# leaks


def copy_talks(corpus, source, target, rename=str):
    """Talks of one part into another, under other names."""
    for path in stms(corpus, source):
        name = rename(path.stem)
        shutil.copy(corpus / source / "sph" / f"{path.stem}.sph", corpus / target / "sph" / f"{name}.sph")
        (corpus / target / "stm" / f"{name}.stm").write_text(path.read_text().replace(path.stem, name))


@pytest.mark.parametrize("source, target", [("dev", "train"), ("dev", "test"), ("test", "train")])
def test_a_part_within_another_stops(corpus, source, target):
    copy_talks(corpus, source, target, lambda name: f"{name}2")
    report = report_of(corpus)
    leaked = [one for one in report.findings if one.check == "leaked_sentences" and one.count and one.where == source]
    assert [(one.count, one.of) for one in leaked] == [(10, 10)] and f"occur in {target}" in leaked[0].what
    assert odd(report)["leaked_recordings", source].count == 2
    assert source in stopping_sentence(report.findings, LIMITS, "")


def test_speakers_of_two_parts_are_told(corpus):
    edit(stms(corpus, "dev")[0], "Emil 1 Emil", "Emil 1 Anna")
    assert odd(report_of(corpus))["shared_speakers", "dev"].examples == ["Anna (train)"]


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: f"{text} and so on",
        joined,
        lambda text: text.title(),
    ],
    ids=["as it is", "within a line", "joined", "in title case"],
)
def test_dev_text_within_an_lm_text_stops_however_it_is_written(corpus, written):
    write_lm_text(corpus, ["dad dad", *map(written, texts(corpus, "dev"))], "other")
    report = report_of(corpus)
    found = odd(report)["leaked_sentences", "dev"]
    assert (found.count, found.of, found.verdict(LIMITS)) == (10, 10, STOPS)
    assert "other.en.gz" in found.what and "sentence 2" in found.examples[0]
    allowed = CorpusLimits(
        leaked_sentences=Limit(stop=None), letter_case=Limit(stop=None), lm_text_unknown_words=Limit(stop=None)
    )
    assert stopping_sentence(report.findings, allowed, "") == ""


def test_dev_text_that_is_wrapped_otherwise_is_found_too(corpus):
    words = " ".join(texts(corpus, "dev")).split()
    write_lm_text(corpus, [" ".join(words[i : i + 10]) for i in range(0, len(words), 10)], "other")
    assert odd(report_of(corpus))["leaked_sentences", "dev"].count == 10


def test_short_sentences_are_no_leak(corpus):
    for path in stms(corpus, "dev"):
        edit_text(path, lambda text: " ".join(text.split()[:4]))
    write_lm_text(corpus, texts(corpus, "dev"), "other")
    assert "leaked_sentences" not in {check for check, _ in odd(report_of(corpus))}


# segments


def test_a_line_twice_in_dev_is_told_and_a_whole_file_twice_stops(corpus):
    path = stms(corpus, "dev")[0]
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([first, first, *rest]))
    found = odd(report_of(corpus))["repeated_segments", "dev"]
    assert (found.count, found.of) == (1, 11) and found.examples[0].startswith("dev/Emil/2 ")
    path.write_text("".join(sorted([first, *rest] * 2, key=lambda line: float(line.split()[3]))))
    found = odd(report_of(corpus))["repeated_segments", "dev"]
    assert (found.count, found.verdict(LIMITS)) == (SEGMENTS, STOPS)


def test_a_line_twice_in_train_is_told(corpus):
    """Whether it was left out when the transcripts were read, or is there as a short segment with the whole text."""
    path = stms(corpus, "train")[0]
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([first, first, *rest]))
    found = odd(report_of(corpus))
    told = [found[check, "train"] for check in ("repeated_segments", "left_out_segments") if (check, "train") in found]
    assert [one.count for one in told] == [1]


def test_labels_that_do_not_fit_into_a_segment_are_counted(corpus):
    path = stms(corpus, "train")[0]
    lines = [line.split(maxsplit=5) for line in path.read_text().splitlines(keepends=True)]
    lines[0][4] = f"{float(lines[0][3]) + 0.3:.2f}"
    path.write_text("".join(" ".join(fields) for fields in lines))
    found = odd(report_of(corpus))["too_many_labels", "train"]
    assert (found.count, found.of) == (1, 20)
    assert found.examples[0].startswith("train/Anna/1 ") and found.examples[0].endswith(" frames")


def test_what_was_left_out_is_taken_from_the_statistics():
    finding = left_out_finding("train", {"short_segments": 3, "repeated_segments": 1, "segments": 96}, 96)
    assert (finding.count, finding.of, finding.examples) == (4, 100, ["3 too short", "1 there twice"])
    assert left_out_finding("train", {"segments": 96}, 96).count == 0


def test_a_talk_under_a_second_name_is_told(corpus):
    copy_talks(corpus, "dev", "dev", lambda name: f"{name}2")
    found = odd(report_of(corpus))
    assert found["copied_segments", "dev"].count == 10 and found["copied_recordings", "dev"].count == 2


def test_segments_that_the_model_has_no_frame_for_stop():
    frames = OutputFrames(features=LogMelConfig(), time_reduction=4)
    times_s = [0.010, 0.030, 0.054, 0.056, 3.0]
    segments = [Segment(f"dev/a/{n}", "a.sph", n, n + length, "a", "dad") for n, length in enumerate(times_s)]
    finding = too_short("dev", segments, frames)
    assert [frames.of(one) for one in segments] == [0, 0, 0, 1, 74]
    assert (finding.count, finding.verdict(LIMITS)) == (3, STOPS) and "dev/a/0 (0.00 to 0.01 s)" in finding.examples


def test_overlapping_segments_are_told(corpus):
    path = stms(corpus, "dev")[0]
    lines = [line.split(maxsplit=5) for line in path.read_text().splitlines(keepends=True)]
    lines[0][4] = f"{float(lines[1][3]) + 0.5:.2f}"
    path.write_text("".join(" ".join(fields) for fields in lines))
    assert odd(report_of(corpus))["overlapping_segments", "dev"].count == 1


def test_ignored_lines_are_counted_and_a_talk_of_which_nothing_is_left_is_named(corpus):
    path = stms(corpus, "dev")[0]
    edit(path, "<NA> ", "<NA> ignore_time_segment_in_scoring ")
    report = report_of(corpus)
    [ignored] = [one for one in report.findings if (one.check, one.where) == ("ignored_lines", "dev")]
    assert (ignored.count, ignored.of) == (SEGMENTS, 2 * SEGMENTS) and ignored.examples[0] == "Emil.stm:1"
    lost = odd(report)["talks_without_segment", "dev"]
    assert (lost.count, lost.of, lost.examples) == (1, 2, ["Emil (stm/Emil.stm)"])
    assert lost.verdict(LIMITS) == STOPS


@pytest.mark.parametrize("text", ["dad " * 40, None], ids=["too many words", "too few"])
def test_texts_that_do_not_fit_the_length_of_speech_are_told(corpus, text):
    path = stms(corpus, "test")[0]
    if text is None:
        first, *_ = path.read_text().splitlines()
        end_s = path.read_text().splitlines()[-1].split()[4]
        path.write_text(f"{' '.join(first.split()[:4])} {end_s} <NA> dad\n")
    else:
        edit_text(path, lambda _: text.strip())
    found = odd(report_of(corpus))["speech_rate", "test"]
    assert found.count == (1 if text is None else SEGMENTS)


# sound


def change_sound(corpus, part, talk, change):
    path = corpus / part / "sph" / f"{talk}.sph"
    write_sound(path, change(read_sound(path)) / 32768)


NOISE = np.random.default_rng(5)


def pink(length):
    """[length] with as much power in each octave."""
    spectrum = np.fft.rfft(NOISE.normal(size=length)) / np.sqrt(np.arange(length // 2 + 1) + 1)
    noise = np.fft.irfft(spectrum, length)
    return 3000 * noise / noise.std()


@pytest.mark.parametrize(
    "check, change",
    [
        ("silent_recordings", lambda samples: 0 * samples),
        ("silent_recordings", lambda samples: np.sign(NOISE.normal(size=len(samples)))),  # the last bit
        ("noise_recordings", lambda samples: NOISE.normal(0, 3000, len(samples))),
        ("noise_recordings", lambda samples: pink(len(samples))),
        ("noise_recordings", lambda samples: samples.byteswap()),
        ("noise_recordings", lambda samples: (samples // 8).byteswap()),
        ("noise_recordings", lambda samples: 3000 * np.sin(np.arange(len(samples)) / 5)),
        ("quiet_recordings", lambda samples: samples / 100),
        ("clipped_recordings", lambda samples: samples * 40.0),
        ("offset_recordings", lambda samples: samples + 4000.0),
    ],
)
def test_sound_that_is_not_speech_is_told_by_name(corpus, check, change):
    change_sound(corpus, "dev", "Fred", change)
    report = report_of(corpus)
    found = odd(report)[check, "dev"]
    assert found.count == 1 and found.examples[0].startswith("dev/sph/Fred.sph (")
    stops = check in ("silent_recordings", "noise_recordings")
    assert bool(stopping_sentence(report.findings, LIMITS, "")) == stops
    assert not {one for one, where in odd(report) if where != "dev"}


def test_the_sound_of_another_talk_is_told(corpus):
    for one, other in (("Anna", "Cleo"), ("Bert", "Dora")):
        paths = [corpus / "train" / "sph" / f"{name}.sph" for name in (one, other)]
        first, second = (read_sound(path) for path in paths)
        shift = round(1.8 * 16_000)  # the gaps of one talk lie in the segments of the other
        write_sound(paths[0], np.roll(second, shift)[: len(first)] / 32768)
    found = odd(report_of(corpus))["misplaced_recordings", "train"]
    assert {example.split(" ")[0] for example in found.examples} == {"train/sph/Anna.sph", "train/sph/Bert.sph"}
    assert found.verdict(LIMITS) == WARNS
