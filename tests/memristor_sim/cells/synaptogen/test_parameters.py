import numpy as np
import pytest
from synaptogen import synaptogen

from memristor_sim.cells.synaptogen import parameters
from memristor_sim.errors import MemristorError


def test_parameters_are_those_of_the_package():
    ours, theirs = parameters.measured(), synaptogen.default_params
    for mine, other in (
        (ours.low_iv, theirs.LLRS),
        (ours.high_iv, theirs.HHRS),
        (ours.transform, theirs.γ),
        (ours.means.T, theirs.μDtD),
        (ours.weights, theirs.wk / theirs.wk.sum()),
        (np.moveaxis(ours.factors, 0, -1), theirs.LDtD),
        (ours.low_siemens, theirs.G_LLRS),
        (ours.high_siemens, theirs.G_HHRS),
        # the package multiplies [noise, oldest ... newest features]
        (np.hstack([ours.innovation, *ours.regression[::-1]]), theirs.VAR),
    ):
        np.testing.assert_allclose(mine, other, rtol=2e-6)


def test_other_parameters_are_refused(monkeypatch):
    monkeypatch.setattr(parameters, "_DIGEST", "0" * 64)
    with pytest.raises(MemristorError, match="synaptogen==0.2.0"):
        parameters.measured.__wrapped__()
