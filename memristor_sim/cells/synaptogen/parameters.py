"""Measured parameters of the cells, from the `synaptogen` package (DOI 10.5281/zenodo.10942560, MIT).

A cell has four features per cycle: log10 of its high resistance [log ohm], its set threshold [V], its low
resistance [ohm] and its reset threshold [V]. In a normalised space they follow a vector autoregression of order 10
(cycle to cycle); offset and scale of each cell come from a mixture of three Gaussians (device to device).
"""

import hashlib
import importlib.resources
import json
from dataclasses import dataclass
from functools import cache

import numpy as np

from memristor_sim.errors import MemristorError

HIGH_RESISTANCE, SET_THRESHOLD, LOW_RESISTANCE, RESET_THRESHOLD = range(4)
FEATURES, ORDER, COMPONENTS = 4, 10, 3
_DIGEST = "b59bbfa2845f10310335efcef3f1cd3a01f2d1a929138b6a49bb935d5db59313"


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """float64 arrays; polynomial coefficients highest power first.

    :param max_v: a pulse of so much resets fully; u0_v: where resistances are defined; eta: curve of the reset.
    :param low_iv, high_iv: current [A] of the extreme low and high resistive state against voltage.
    :param transform: [feature, coefficient] from the normalised to the feature space of a cell.
    :param weights: [component]; means: [component, 8]; factors: [component, 8, 8] lower triangular.
    :param innovation: [4, 4]; regression: [lag, 4, 4], newest lag first.
    """

    max_v: float
    u0_v: float
    eta: float
    low_iv: np.ndarray
    high_iv: np.ndarray
    transform: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    factors: np.ndarray
    innovation: np.ndarray
    regression: np.ndarray

    @property
    def low_siemens(self) -> float:
        return float(np.polyval(self.low_iv, self.u0_v) / self.u0_v)

    @property
    def high_siemens(self) -> float:
        return float(np.polyval(self.high_iv, self.u0_v) / self.u0_v)

    def state(self, resistance_ohm):
        """The state r in I = (1 - r) L(V) + r H(V) of a cell with this resistance at `u0_v`; any array type."""
        return (self.low_siemens - 1 / resistance_ohm) / (self.low_siemens - self.high_siemens)


@cache
def measured() -> Parameters:
    """The parameters that the package ships, checked against the digest recorded here.

    :raises MemristorError: another version of `synaptogen` brought other parameters.
    """
    raw = importlib.resources.files("synaptogen").joinpath("default_params.json").read_bytes()
    if hashlib.sha256(raw).hexdigest() != _DIGEST:
        raise MemristorError(
            "default_params.json of the installed synaptogen package is not the measured set this simulator "
            "was checked with: install synaptogen==0.2.0."
        )
    values = json.loads(raw)
    lags = np.array(values["VAR_010"]).reshape(FEATURES, ORDER + 1, FEATURES).transpose(1, 0, 2)
    factors = np.array(values["LDtD"]).reshape(2 * FEATURES, COMPONENTS, 2 * FEATURES).transpose(1, 0, 2)
    weights = np.array(values["wk"])
    return Parameters(
        max_v=values["Umax"],
        u0_v=values["U₀"],
        eta=values["η"],
        low_iv=np.array(values["LLRS"]),
        high_iv=np.array(values["HHRS"]),
        transform=np.array(values["γ"]),
        weights=weights / weights.sum(),
        means=np.array(values["μDtD"]).T,
        factors=factors,
        innovation=lags[0],
        regression=lags[:0:-1],
    )
