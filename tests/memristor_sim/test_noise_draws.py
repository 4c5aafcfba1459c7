"""Fast normal draws against the law they stand for."""

from statistics import NormalDist

import numpy as np
import pytest
import torch

from memristor_sim.noise_draws import NormalStream, quantile_means

CPU = torch.device("cpu")
NORMAL = NormalDist()


def stream(seed):
    torch.manual_seed(seed)
    return NormalStream(CPU)


def test_the_table_has_the_moments_and_quantiles_of_the_normal_law():
    table = quantile_means().double().numpy()
    assert table.mean() == pytest.approx(0, abs=1e-7) and (table**2).mean() == pytest.approx(1, abs=1e-6)
    assert (table**4).mean() == pytest.approx(3, abs=2e-3)
    middle = range(8, 65528, 40)
    np.testing.assert_allclose(table[middle], [NORMAL.inv_cdf((bin + 0.5) / 65536) for bin in middle], atol=3e-3)


def test_draws_are_normal_and_independent_across_sizes_of_draws():
    normals = stream(3)
    sizes = [(7, 3), (1, 1), (5000,), (2, 3, 4000), (9000,), (4, 1, 50)] * 20
    draws = np.concatenate([normals.draw(size).flatten().numpy() for size in sizes])
    for point in np.linspace(-3, 3, 25):
        share = NORMAL.cdf(point)
        assert abs((draws <= point).mean() - share) < 4 * np.sqrt(share * (1 - share) / len(draws))
    for lag in (1, 2, 3, 4, 21, 5000):
        assert abs(np.corrcoef(draws[:-lag], draws[lag:])[0, 1]) < 4 / np.sqrt(len(draws))
    assert len(np.unique(draws)) > 60_000  # no part of the stream is given out twice


def test_the_stream_follows_torchs_seed_and_moves_on():
    first, again, other = (stream(seed).draw((100,)) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    torch.manual_seed(1)
    NormalStream(CPU)
    assert not torch.equal(NormalStream(CPU).draw((100,)), first)
