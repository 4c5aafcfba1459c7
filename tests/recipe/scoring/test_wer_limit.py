import pytest

from recipe.errors import InputError
from recipe.scoring.wer_limit import require_wer


def test_a_model_above_the_limit_is_refused_and_one_at_the_limit_is_not():
    assert "40.0 % on dev" in require_wer(40.0, 40.0, "mini/qat-3")
    with pytest.raises(InputError, match="^mini/qat-3 has a word error rate of 40.1 % on dev, above the limit of 40 %"):
        require_wer(40.1, 40.0, "mini/qat-3")
