import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.training.config import LearningRateSchedule, TrainingConfig, paper_training

SCHEDULE = LearningRateSchedule(up=2, down=3, decay=1)


def test_the_papers_learning_rates():
    parts = [np.linspace(7e-6, 5e-4, 110), np.linspace(5e-4, 5e-5, 110), np.linspace(5e-5, 1e-7, 30)]
    np.testing.assert_allclose(paper_training().schedule.rates(), np.concatenate(parts), rtol=1e-12)


def test_every_part_has_its_length():
    assert len(SCHEDULE.rates()) == SCHEDULE.num_sub_epochs == 6
    assert LearningRateSchedule(up=1, down=1, decay=1).rates() == [7e-6, 5e-4, 5e-5]


@pytest.mark.parametrize("fields", [{"up": 0}, {"peak": 1e-6}, {"low": 1.0}, {"final": 0.0}])
def test_a_schedule_that_is_none_is_refused(fields):
    with pytest.raises(InputError, match="LearningRateSchedule"):
        dataclasses.replace(SCHEDULE, **fields)


@pytest.mark.parametrize(
    "field, value",
    [
        ("partitions", 0),
        ("batch_s", -1.0),
        ("gradient_clip", 0.0),
        ("precision", "half"),
        ("keep_best", -1),
        ("min_updates", 0),
    ],
)
def test_a_bad_field_is_named(field, value):
    with pytest.raises(InputError, match=field):
        TrainingConfig(schedule=SCHEDULE, **{field: value})


def test_updates_are_the_batches_of_all_passes():
    training = TrainingConfig(schedule=SCHEDULE, partitions=3, batch_s=15.0)
    assert training.passes == 2
    assert training.updates(2.0) == 2 * 2 * 3600 / 15
    assert training.updates(2.0, processes=4) == training.updates(2.0) / 4
    assert dataclasses.replace(training, accumulate_batches=2).updates(2.0) == training.updates(2.0) / 2


@given(st.integers(2, 50), st.integers(2, 50), st.integers(2, 50), st.integers(0, 5000))
def test_a_stretched_schedule_keeps_its_shape(up, down, decay, more):
    schedule = LearningRateSchedule(up=up, down=down, decay=decay)
    longer = schedule.stretched(schedule.num_sub_epochs + more)
    assert longer.num_sub_epochs == schedule.num_sub_epochs + more
    factor = longer.num_sub_epochs / schedule.num_sub_epochs
    for phase in ("up", "down", "decay"):
        assert getattr(longer, phase) == pytest.approx(getattr(schedule, phase) * factor, abs=1.0)
    assert (longer.rates()[0], max(longer.rates())) == pytest.approx((schedule.start, schedule.peak))
    assert longer.rates()[-1] == pytest.approx(schedule.final)


def test_a_schedule_is_never_shortened():
    assert SCHEDULE.stretched(3) == SCHEDULE


@given(st.floats(0.01, 300), st.integers(1, 10), st.integers(1, 3), st.integers(1, 4), st.integers(1, 20_000))
def test_any_corpus_gets_its_updates_and_hardly_more(audio_h, partitions, accumulate, processes, min_updates):
    asked = TrainingConfig(
        schedule=LearningRateSchedule(up=3, down=12, decay=3),
        partitions=partitions,
        batch_s=15.0,
        accumulate_batches=accumulate,
        min_updates=min_updates,
    )
    training = asked.for_audio(audio_h, processes)
    assert training.min_updates is None
    assert dataclasses.replace(training, schedule=asked.schedule, partitions=partitions) == dataclasses.replace(
        asked, min_updates=None
    )
    updates, sub_epochs = training.updates(audio_h, processes), training.schedule.num_sub_epochs
    assert updates >= min_updates - 1e-6
    if asked.updates(audio_h, processes) >= min_updates:
        assert training == dataclasses.replace(asked, min_updates=None)
    elif sub_epochs > asked.schedule.num_sub_epochs:
        assert updates * (sub_epochs - 1) / sub_epochs < min_updates
    if training.partitions > 1:
        assert sub_epochs <= 2 * asked.schedule.num_sub_epochs


def test_twenty_minutes_get_the_updates_of_two_hours():
    two_hours = TrainingConfig(schedule=LearningRateSchedule(up=3, down=12, decay=3), partitions=3, batch_s=15.0)
    training = dataclasses.replace(two_hours, min_updates=2880).for_audio(1 / 3)
    assert (training.schedule.up, training.schedule.down, training.schedule.decay) == (6, 24, 6)
    assert (training.partitions, training.updates(1 / 3)) == (1, pytest.approx(2880))
    assert two_hours.updates(2.0) == 2880


def test_a_corpus_without_audio_is_refused():
    with pytest.raises(InputError, match="min_updates needs hours of training audio, the corpus has 0"):
        TrainingConfig(schedule=SCHEDULE, min_updates=10).for_audio(0.0)
