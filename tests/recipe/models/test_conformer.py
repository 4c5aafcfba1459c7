import pytest

from recipe.errors import InputError
from recipe.models.conformer import ConformerConfig, paper_conformer
from recipe.training.config import SpecAugmentConfig


def test_the_papers_model_reduces_time_by_four_and_adds_a_blank():
    assert (paper_conformer().time_reduction, paper_conformer().num_outputs) == (4, 79)


@pytest.mark.parametrize(
    "field, value",
    [("num_labels", 0), ("num_heads", 5), ("conv_kernel", 30), ("dropout", 1.0), ("frontend_channels", (8, 8))],
)
def test_a_bad_size_is_named(field, value):
    with pytest.raises(InputError, match=field if field != "num_heads" else "model_dim"):
        ConformerConfig(**{"num_labels": 78, field: value})


@pytest.mark.parametrize("fields", [{"max_time_width": 0}, {"min_feature_masks": 6}])
def test_bad_masks_are_refused(fields):
    with pytest.raises(InputError, match="SpecAugmentConfig"):
        SpecAugmentConfig(**fields)
