import pytest

from recipe.errors import InputError
from recipe.lm.config import NgramConfig


@pytest.mark.parametrize(
    "fields", [{"order": 1}, {"order": 7}, {"prune": (1,)}, {"prune": (0, 2, 1)}, {"order": 2, "prune": (0, 0, 1)}]
)
def test_what_lmplz_cannot_do_is_refused_with_the_field(fields):
    with pytest.raises(InputError, match=f"NgramConfig.{'prune' if 'prune' in fields else 'order'}"):
        NgramConfig(**fields)


def test_pruning_the_highest_orders_is_accepted():
    assert NgramConfig(order=3, prune=(0, 0, 1)).prune == (0, 0, 1)
