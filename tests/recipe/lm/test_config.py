import pytest

from recipe.errors import InputError
from recipe.lm.config import MixtureConfig, NgramConfig


@pytest.mark.parametrize(
    "fields", [{"order": 1}, {"order": 7}, {"prune": (1,)}, {"prune": (0, 2, 1)}, {"order": 2, "prune": (0, 0, 1)}]
)
def test_what_lmplz_cannot_do_is_refused_with_the_field(fields):
    with pytest.raises(InputError, match=f"NgramConfig.{'prune' if 'prune' in fields else 'order'}"):
        NgramConfig(**fields)


def test_pruning_the_highest_orders_is_accepted():
    assert NgramConfig(order=3, prune=(0, 0, 1)).prune == (0, 0, 1)


@pytest.mark.parametrize(
    "fields", [{"texts": ()}, {"texts": ("news", "news")}, {"prune_threshold": 0.0}, {"prune_threshold": -1e-9}]
)
def test_a_mixture_of_nothing_or_with_a_senseless_threshold_is_refused_with_the_field(fields):
    with pytest.raises(InputError, match=f"MixtureConfig.{next(iter(fields))}"):
        MixtureConfig(**fields)
