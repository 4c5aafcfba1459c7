"""The generated sound: equal bytes from equal seeds, the layout of release 2, and what the config says of it."""

import hashlib
import random
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from recipe.corpus.layout import PARTS, check_layout
from recipe.corpus.mini.config import MiniCorpusConfig
from recipe.corpus.mini.dictionary import DICTIONARY_NAME, write_dictionary
from recipe.corpus.mini.generate import write_talks
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.mini.talks import draw_talks
from recipe.corpus.mini.texts import write_lm_texts
from recipe.corpus.segmentation import read_part
from recipe.corpus.stm import split_apostrophes

CONFIG = MiniCorpusConfig(
    train_minutes=1.0,
    dev_minutes=0.3,
    test_minutes=0.3,
    num_train_speakers=4,
    num_dev_speakers=2,
    num_test_speakers=2,
    talk_minutes=0.25,
    snr_db=(10.0, 12.0),
    coinage_share=0.15,
    extra_dictionary_words=300,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("mini corpus")
    write_dictionary(root / DICTIONARY_NAME, CONFIG)
    write_lm_texts(root / "LM", replace(CONFIG, lm_sentences=100))
    write_talks(root, draw_talks(CONFIG), CONFIG)
    return root


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_layout_and_checks_pass(root):
    check_layout(root)
    for part in PARTS:
        seconds = sum(segment.end_s - segment.start_s for _, segment in read_part(root, part))
        assert 0.7 < seconds / (60 * CONFIG.minutes(part)) < 1.3


def test_bytes_depend_on_the_config_alone(root, tmp_path):
    talks = draw_talks(CONFIG)[-3:]
    write_talks(tmp_path, talks[::-1], CONFIG)  # another order, other neighbours
    for talk in talks:
        for kind in ("sph", "stm"):
            name = f"{talk.part}/{kind}/{talk.name}.{kind}"
            assert digest(tmp_path / name) == digest(root / name)


def test_another_seed_sounds_different(root, tmp_path):
    talk = draw_talks(CONFIG)[0]
    write_talks(tmp_path, [talk], replace(CONFIG, seed=7))
    name = f"train/sph/{talk.name}.sph"
    assert digest(tmp_path / name) != digest(root / name)


def test_present_talks_are_left_alone(root):
    talk = draw_talks(CONFIG)[0]
    path = root / talk.part / "sph" / f"{talk.name}.sph"
    before = path.stat().st_mtime_ns
    write_talks(root, [talk], CONFIG)
    assert path.stat().st_mtime_ns == before


def test_speech_stands_where_the_transcript_says(root):
    """Outside the segments there is noise only, 10-12 dB below the speech."""
    for part in PARTS:
        by_recording = {}
        for _, segment in read_part(root, part):
            by_recording.setdefault(segment.recording, []).append(segment)
        for recording, segments in by_recording.items():
            samples, _ = soundfile.read(root / recording)
            speaking = np.zeros(len(samples), bool)
            for segment in segments:
                assert 1.9 <= segment.end_s - segment.start_s <= 9.1
                speaking[round(segment.start_s * 16_000) : round(segment.end_s * 16_000)] = True
            noise = np.mean(samples[~speaking] ** 2)
            speech = np.mean(samples[speaking] ** 2) - noise
            assert 9 < 10 * np.log10(speech / noise) < 13


def test_only_training_holds_words_without_pronunciation(root):
    coinages = set(load_grammar().rules["coinage"][0])
    words = {part: {w for _, segment in read_part(root, part) for w in segment.words.split()} for part in PARTS}
    assert words["train"] & coinages
    assert not (words["dev"] | words["test"]) & coinages


def spoken(root, part) -> set[str]:
    """The words of a part, contractions in two halves: transcripts write them either way."""
    return {word for _, segment in read_part(root, part) for word in split_apostrophes(segment.words).split()}


def test_sentences_are_drawn_from_the_rule_that_the_config_names(root, tmp_path):
    config = replace(CONFIG, sentence_rule="small_sentence", coinage_share=0.0)
    write_talks(tmp_path, draw_talks(config), config)
    draw, grammar = random.Random(1), load_grammar()
    sentences = [grammar.sentence("city", draw, "small_sentence") for _ in range(3000)]
    few = {word for sentence in sentences for word in split_apostrophes(sentence).split()}
    assert 25 < len(few) < 45
    for part in PARTS:
        assert spoken(tmp_path, part) <= few
        assert not spoken(root, part) <= few
