import pytest

from recipe.decoding.config import SearchConfig
from recipe.errors import InputError


@pytest.mark.parametrize("field", ["beam", "beam_labels", "beam_threshold", "frame_shift_s"])
def test_limits_must_be_positive(field):
    with pytest.raises(InputError, match=f"SearchConfig.{field} is 0"):
        SearchConfig(**{field: 0})
