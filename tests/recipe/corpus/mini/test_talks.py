from dataclasses import replace

import pytest

from recipe.corpus.layout import PARTS
from recipe.corpus.mini.config import MiniCorpusConfig, tiny_corpus
from recipe.corpus.mini.talks import draw_speakers, draw_talks
from recipe.errors import InputError


def test_no_voice_variant_is_in_two_parts():
    speakers = draw_speakers(MiniCorpusConfig())
    variants = {part: {speaker.voice.split("+")[1] for speaker in speakers[part]} for part in PARTS}
    assert not variants["train"] & variants["dev"]
    assert not variants["train"] & variants["test"]
    assert not variants["dev"] & variants["test"]


def test_more_speakers_than_variants_are_different_voices():
    speakers = draw_speakers(MiniCorpusConfig(num_train_speakers=90))["train"]
    assert len({speaker.voice for speaker in speakers}) == 90


def test_minutes_are_shared_out():
    config = MiniCorpusConfig()
    talks = draw_talks(config)
    for part in PARTS:
        seconds = sum(talk.seconds for talk in talks if talk.part == part)
        assert seconds == pytest.approx(60 * config.minutes(part))
    assert len({talk.name for talk in talks}) == len(talks)


def test_another_seed_draws_other_speakers():
    assert draw_talks(tiny_corpus(seed=1)) == draw_talks(tiny_corpus(seed=1)) != draw_talks(tiny_corpus(seed=2))


@pytest.mark.parametrize(
    "change, field",
    [
        ({"train_minutes": 0}, "train_minutes"),
        ({"num_dev_speakers": 0}, "num_dev_speakers"),
        ({"num_test_speakers": 500}, "voice variants"),
        ({"snr_db": (20.0, 5.0)}, "snr_db"),
        ({"voice_scale": 0.7}, "voice_scale"),
        ({"lm_sentences": 0}, "lm_sentences"),
        ({"sentence_rule": "sentense"}, "sentence_rule is 'sentense'.*small_sentence"),
    ],
)
def test_impossible_corpora_are_refused(change, field):
    with pytest.raises(InputError, match=field):
        replace(tiny_corpus(), **change)


def test_the_rule_of_the_sentences_enters_ids_only_where_it_is_another():
    assert "sentence_rule" not in MiniCorpusConfig().__sis_state__()
    assert MiniCorpusConfig(sentence_rule="small_sentence").__sis_state__()["sentence_rule"] == "small_sentence"
