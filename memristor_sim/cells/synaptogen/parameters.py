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
from typing import Any

import numpy as np

from memristor_sim.errors import MemristorError

HIGH_RESISTANCE, SET_THRESHOLD, LOW_RESISTANCE, RESET_THRESHOLD = range(4)
FEATURES, ORDER, COMPONENTS = 4, 10, 3
_DIGEST = "b59bbfa2845f10310335efcef3f1cd3a01f2d1a929138b6a49bb935d5db59313"


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters:
    """Arrays are float64; polynomials have the highest power first. Compared and hashed by identity, for caches."""

    max_v: float
    """A pulse of this voltage resets fully."""
    u0_v: float
    """Voltage at which resistances are defined."""
    eta: float
    """Exponent of the current during a reset."""
    low_iv: np.ndarray
    """Current [A] against voltage of the extreme low resistive state."""
    high_iv: np.ndarray
    """Current [A] against voltage of the extreme high resistive state."""
    transform: np.ndarray
    """[feature, coefficient], from the normalised features to those of a cell."""
    weights: np.ndarray
    """[component], of the mixture of Gaussians."""
    means: np.ndarray
    """[component, 8], offset and scale of each feature."""
    factors: np.ndarray
    """[component, 8, 8], lower triangular factors of the covariances."""
    innovation: np.ndarray
    """[4, 4], of the autoregression."""
    regression: np.ndarray
    """[lag, 4, 4], newest lag first."""

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """L(U) and H(U) [A]: see memristor_sim.cells.cell.CurrentLaw."""
        return _polynomial(self.low_iv, voltage_v), _polynomial(self.high_iv, voltage_v)

    @property
    def low_siemens(self) -> float:
        """Conductance of the extreme low resistive state at `u0_v`."""
        return float(np.polyval(self.low_iv, self.u0_v) / self.u0_v)

    @property
    def high_siemens(self) -> float:
        """Conductance of the extreme high resistive state at `u0_v`."""
        return float(np.polyval(self.high_iv, self.u0_v) / self.u0_v)

    def state(self, resistance_ohm: Any) -> Any:
        """The state r in I = (1 - r) L(U) + r H(U) of a cell with this resistance at `u0_v`; any array type."""
        return (self.low_siemens - 1 / resistance_ohm) / (self.low_siemens - self.high_siemens)


def _polynomial(coefficients: np.ndarray, x: Any) -> Any:
    value = 0 * x
    for coefficient in coefficients:
        value = value * x + float(coefficient)
    return value


@cache
def measured() -> Parameters:
    """The parameters that the `synaptogen` package ships, checked against the digest recorded here.

    :raises MemristorError: the installed version of `synaptogen` has other parameters.
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
