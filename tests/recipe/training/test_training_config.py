import dataclasses

import numpy as np
import pytest

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
    [("partitions", 0), ("batch_s", -1.0), ("gradient_clip", 0.0), ("precision", "half"), ("keep_best", -1)],
)
def test_a_bad_field_is_named(field, value):
    with pytest.raises(InputError, match=field):
        TrainingConfig(schedule=SCHEDULE, **{field: value})
