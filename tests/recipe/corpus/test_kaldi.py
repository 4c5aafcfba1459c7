"""Kaldi data directories: what is read from them, and what is refused in one sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from recipe.corpus.kaldi import KaldiCorpus, KaldiSource
from recipe.corpus.protocol import Parts
from recipe.corpus.recordings import AudioRules
from recipe.corpus.source import segment_source
from recipe.errors import InputError
from recipe.formats.segments import read_segments
from tests.recipe.corpus.stand_ins import kaldi_set, segmented_kaldi_set, write_noise, write_table

SPEAKERS = [f"s{number}" for number in range(10)]


def segmented(root: Path, corpus: KaldiCorpus, part: str):
    """The segments of a part and its statistics."""
    outputs = [root / f"{part}.{kind}" for kind in ("xml.gz", "txt", "stm", "json")]
    segment_source(root, corpus.source(part), part, corpus.text_rule, corpus.audio, None, *map(str, outputs))
    return list(read_segments(outputs[0])), json.loads(outputs[3].read_text())


def with_a_segment(folder, name, line, speaker):
    segmented_kaldi_set(folder)
    for table, value in (("segments", line), ("text", "ONE MORE"), ("utt2spk", speaker)):
        with open(folder / table, "a") as file:
            file.write(f"{name} {value}\n")
    return KaldiCorpus(root=str(folder))


def counted(corpus, folder):
    outputs = [str(folder / name) for name in ("s.xml.gz", "t.txt", "r.stm", "s.json")]
    return segment_source(folder, KaldiSource(folder="."), "train", corpus.text_rule, corpus.audio, None, *outputs)


def test_segments_too_short_for_a_front_end_are_left_out_and_counted(tmp_path):
    corpus = with_a_segment(tmp_path, "cid-1", "call 4.00 4.05", "cid")
    counts = counted(corpus, tmp_path)
    assert (counts["segments"], counts["short_segments"]) == (4, 1)
    assert "ONE MORE".lower() not in (tmp_path / "t.txt").read_text().lower()


def test_names_that_lead_out_of_a_folder_are_refused_with_their_line(tmp_path):
    corpus = with_a_segment(tmp_path / "speaker", "cid-1", "call 4.00 4.50", "../evil")
    with pytest.raises(InputError, match="the speaker is named '../evil'"):
        counted(corpus, tmp_path / "speaker")
    corpus = with_a_segment(tmp_path / "talk", "cid-1", ".evil 4.00 4.50", "cid")
    with open(tmp_path / "talk" / "wav.scp", "a") as file:
        file.write(".evil audio/call.ogg\n")
    with pytest.raises(InputError, match="the recording is named '.evil'"):
        counted(corpus, tmp_path / "talk")


def test_segments_are_grouped_by_recording_and_ordered_by_time(tmp_path):
    corpus = KaldiCorpus(root=str(segmented_kaldi_set(tmp_path)))
    source = KaldiSource(folder=".")
    found = [(one.talk, one.start_s, one.end_s, one.speaker, one.tag) for one in source.utterances(tmp_path)]
    assert found == [
        ("call", 0.0, 1.25, "ann", "<o,f0,female>"),
        ("call", 2.0, None, "bob", "<o,f0,male>"),
        ("meeting", 0.5, 2.0, "bob", "<o,f0,male>"),
        ("meeting", 2.5, 4.0, "ann", "<o,f0,female>"),
    ]
    outputs = [str(tmp_path / name) for name in ("s.xml.gz", "t.txt", "r.stm", "s.json")]
    counts = segment_source(tmp_path, source, "train", corpus.text_rule, corpus.audio, None, *outputs)
    segments = list(read_segments(outputs[0]))
    assert [segment.name for segment in segments] == [
        "train/call/1",
        "train/call/2",
        "train/meeting/1",
        "train/meeting/2",
    ]
    assert segments[1].end_s == pytest.approx(5.0, abs=0.01)  # -1: to the end
    assert segments[0].recording == "audio/call.ogg"
    assert Path(outputs[1]).read_text().splitlines() == [segment.words for segment in segments]
    assert segments[2].words == "it was cold"
    assert (counts["segments"], counts["recordings"], counts["speakers"]) == (4, 2, 2)


def test_one_set_is_divided_by_speaker(tmp_path):
    corpus = KaldiCorpus(root=str(kaldi_set(tmp_path, SPEAKERS)))
    assert corpus.parts == Parts(train="train", dev="dev", tests=("test",))
    segments = {part: segmented(tmp_path, corpus, part)[0] for part in corpus.parts}
    voices = {part: {segment.speaker for segment in found} for part, found in segments.items()}
    assert {part: len(found) for part, found in voices.items()} == {"train": 8, "dev": 1, "test": 1}
    assert sorted(voice for found in voices.values() for voice in found) == SPEAKERS
    other = KaldiCorpus(root=str(tmp_path), split=replace(corpus.split, seed=2))
    assert {one.speaker for one in other.source("dev").utterances(tmp_path)} != voices["dev"]


def test_given_directories_are_the_parts_and_a_missing_one_is_drawn(tmp_path):
    for name, speakers in (("train", SPEAKERS), ("test_clean", ["t1"]), ("test_other", ["t2"])):
        kaldi_set(tmp_path / name, speakers)
    corpus = KaldiCorpus(root=str(tmp_path))
    assert corpus.parts == Parts(train="train", dev="dev", tests=("test_clean", "test_other"))
    voices = {part: {one.speaker for one in corpus.source(part).utterances(tmp_path)} for part in corpus.parts}
    assert voices["test_clean"] == {"t1"} and voices["test_other"] == {"t2"}
    assert voices["train"] | voices["dev"] == set(SPEAKERS) and len(voices["dev"]) == 1
    kaldi_set(tmp_path / "valid", ["v"])
    again = KaldiCorpus(root=str(tmp_path), roles=Parts(train="train", dev="valid", tests=("test_other",)))
    assert {one.speaker for one in again.source("train").utterances(tmp_path)} == set(SPEAKERS)
    assert {one.speaker for one in again.source("valid").utterances(tmp_path)} == {"v"}


def test_other_rates_are_counted(tmp_path):
    corpus = KaldiCorpus(root=str(kaldi_set(tmp_path, SPEAKERS, suffix=".wav", rate_hz=44_100)))
    segments, statistics = segmented(tmp_path, corpus, "train")
    assert statistics["recordings_by_rate_hz"] == {"44100": 16} and statistics["resampled_recordings"] == 16
    assert statistics["seconds"] == pytest.approx(16.0) and segments[0].end_s == 1.0


def test_channels_are_refused_or_mixed_as_stated(tmp_path):
    kaldi_set(tmp_path, SPEAKERS)
    write_noise(tmp_path / "audio" / "s3-0.flac", channels=2)
    plain = KaldiCorpus(root=str(tmp_path))
    with pytest.raises(InputError, match=r"s3-0.flac has 2 channels; .* AudioRules\(mix_channels=True\)"):
        for part in plain.parts:
            segmented(tmp_path, plain, part)
    mixing = replace(plain, audio=AudioRules(mix_channels=True))
    assert sum(segmented(tmp_path, mixing, part)[1]["mixed_recordings"] for part in mixing.parts) == 1


def test_hours_are_those_of_the_recordings(tmp_path):
    corpus = KaldiCorpus(root=str(kaldi_set(tmp_path / "whole", SPEAKERS)))
    assert [3600 * corpus.hours(part) for part in corpus.parts] == pytest.approx([16.0, 2.0, 2.0])
    for part in ("train", "dev", "test"):
        segmented_kaldi_set(tmp_path / "given" / part)
    timed = KaldiCorpus(root=str(tmp_path / "given"))
    assert 3600 * timed.hours("dev") == pytest.approx(1.5 + 1.25 + 1.5 + 5.0, abs=0.01)


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("wav.scp", "audio/meeting.wav", "sox audio/meeting.wav -t wav - |", "meeting is a command .* are not run"),
        ("wav.scp", "audio/meeting.wav", "raw.ark:123", "'raw.ark:123' where a recording belongs"),
        ("wav.scp", "audio/meeting.wav", "audio/gone.wav", "gone.wav is not there"),
        ("segments", "2.50 4.00", "2.50 7.00", "segments:1: the segment ends at 7 s, but .*meeting.wav at 5.00 s"),
        ("segments", "2.50 4.00", "4.50 4.00", "segments:1: ann-1 goes from 4.50 s to 4.00 s; mend the times"),
        ("segments", "2.50 4.00", "2.50", "segments:1: write `utterance recording start end`"),
        ("segments", "2.50 4.00", "nan 4.00", "segments:1: ann-1 goes from nan s"),
        ("segments", "meeting 2.50", "gone 2.50", "wav.scp lacks gone, which segments has"),
        ("segments", "ann-1", "ann-9", "segments lacks ann-1, which text has"),
        ("text", "ann-1 ", "ann-9 ", "utt2spk lacks ann-9, which text has"),
        ("text", "bob-2", "bob-1", "text:4: bob-1 stands in this file twice"),
        ("utt2spk", "bob-2 bob\n", "", "utt2spk lacks bob-2, which text has"),
        ("utt2spk", "bob-2 bob\n", "bob-2\n", "utt2spk:4: bob-2 has '' where one speaker belongs"),
        ("utt2spk", "bob-2 bob\n", "bob-2 bob", "utt2spk:4: the file breaks off"),
    ],
)
def test_flaws_are_named(tmp_path, file, old, new, message):
    corpus = KaldiCorpus(root=str(segmented_kaldi_set(tmp_path)))
    rewritten(tmp_path / file, old, new)
    source = KaldiSource(folder=".")
    outputs = [str(tmp_path / name) for name in ("s.xml.gz", "t.txt", "r.stm", "s.json")]
    with pytest.raises(InputError, match=message) as caught:
        segment_source(tmp_path, source, "train", corpus.text_rule, corpus.audio, None, *outputs)
    assert "\n" not in str(caught.value)
    assert not any(Path(path).exists() for path in outputs)


def test_mixed_rates_are_refused_within_a_part_and_between_parts(tmp_path):
    folder = kaldi_set(tmp_path / "one", SPEAKERS)
    write_noise(folder / "audio" / "s1-0.flac", rate_hz=8000)
    corpus = KaldiCorpus(root=str(folder))
    with pytest.raises(InputError, match="has 8000 Hz where .* 16000 Hz; convert all to one rate|has 16000 Hz where"):
        for part in corpus.parts:
            segmented(folder, corpus, part)
    for part, rate_hz in (("train", 16_000), ("dev", 8000), ("test", 16_000)):
        kaldi_set(tmp_path / "two" / part, SPEAKERS, rate_hz=rate_hz)
    apart = KaldiCorpus(root=str(tmp_path / "two"))
    with pytest.raises(InputError, match="has 8000 Hz where .* has 16000 Hz"):
        apart.prepare()
    replace(apart, audio=AudioRules(mixed_rates=True)).prepare()


def test_a_split_that_would_be_empty_is_refused(tmp_path):
    corpus = KaldiCorpus(root=str(kaldi_set(tmp_path, ["ann", "bob"])))
    with pytest.raises(InputError, match=r"2 speaker\(s\) cannot be divided into dev and test and a part to train on"):
        list(corpus.source("dev").utterances(tmp_path))


def test_a_part_without_a_word_is_refused(tmp_path):
    corpus = KaldiCorpus(root=str(kaldi_set(tmp_path, SPEAKERS, each=1)))
    write_table(tmp_path / "text", {f"{speaker}-0": "" for speaker in SPEAKERS})
    with pytest.raises(InputError, match="the part 'dev' has no utterance with a word"):
        segmented(tmp_path, corpus, "dev")


def test_a_folder_without_a_data_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder train with a wav.scp"):
        _ = KaldiCorpus(root=str(tmp_path)).parts
    with pytest.raises(InputError, match="is not a directory; give a Kaldi data directory"):
        _ = KaldiCorpus(root=str(tmp_path / "gone")).parts


def test_dictionary_and_lm_text_are_found_or_done_without(tmp_path):
    bare = KaldiCorpus(root=str(kaldi_set(tmp_path, SPEAKERS)), identity="mine")
    prepared = bare.prepare()
    assert type(prepared.dictionary.creator).__name__ == "CmudictJob"
    assert prepared.lm_texts.all == () and prepared.text_rule.lower_case
    (tmp_path / "lexicon.txt").write_text("WE W IY1\n")
    (tmp_path / "lm.txt").write_text("SOME WORDS\n")
    prepared = replace(bare).prepare()
    assert prepared.dictionary.creator.dictionary.get_path() == str(tmp_path / "lexicon.txt")
    assert [path.get_path() for path in prepared.lm_texts.all] == [str(tmp_path / "lm.txt")]
    (tmp_path / "other.dic").touch()
    with pytest.raises(InputError, match="holds lexicon.txt, other.dic; say which"):
        bare.prepare()


def test_a_directory_with_an_identity_may_move(tmp_path):
    for place in ("here", "there"):
        kaldi_set(tmp_path / place, SPEAKERS)
    ids = [
        [
            part.segments.creator.job_id()
            for part in KaldiCorpus(root=str(tmp_path / place), identity="mine").prepare().parts.values()
        ]
        for place in ("here", "there")
    ]
    assert ids[0] == ids[1] and len(set(ids[0])) == 3
