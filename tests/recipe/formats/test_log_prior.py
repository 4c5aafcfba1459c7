import math

import numpy as np
import pytest

from recipe.errors import InputError
from recipe.formats.log_prior import read_log_prior, write_log_prior


def test_prior_is_read_in_label_order(tmp_path):
    (tmp_path / "prior.txt").write_text("-1.5\n-0.25\n")
    np.testing.assert_array_equal(read_log_prior(tmp_path / "prior.txt", 2), np.float32([-1.5, -0.25]))


def test_float32_comes_back_exactly(tmp_path):
    prior = -np.random.default_rng(0).exponential(5, 79).astype(np.float32)
    write_log_prior(tmp_path / "prior.txt", prior)
    np.testing.assert_array_equal(read_log_prior(tmp_path / "prior.txt", 79), prior)


@pytest.mark.parametrize("content", ["-1\n", "-1\n-2\n-3\n", "-1\nnan\n", f"-1\n{-math.inf}\n", "-1\nx\n"])
def test_a_prior_that_does_not_fit_is_refused(tmp_path, content):
    (tmp_path / "prior.txt").write_text(content)
    with pytest.raises(InputError, match=r"prior\.txt: "):
        read_log_prior(tmp_path / "prior.txt", 2)
