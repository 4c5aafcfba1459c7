"""The reference: an array of cells that is driven pulse by pulse, with its whole history.

It differs from the NumPy package `synaptogen` 0.2.0 in two points, both of them bugs there. Bug 1: reset thresholds are
a view of the feature matrix. After one reset and set, a fresh cell's threshold becomes the last reset voltage, so the
same pulse no longer resets it (until any cell of the array draws new features). Bug 2: the partial reset of a cell that
was never set reads uninitialised coefficients; here it changes nothing.
"""

import math

import numpy as np
import torch

from memristor_sim.cells.synaptogen.cycle_law import covariance
from memristor_sim.cells.synaptogen.parameters import (
    FEATURES,
    HIGH_RESISTANCE,
    LOW_RESISTANCE,
    ORDER,
    RESET_THRESHOLD,
    SET_THRESHOLD,
    Parameters,
)
from memristor_sim.components import WRITE_V
from memristor_sim.iv import cell_current


class PulsedCells:
    """Independent cells in an array of any shape M; every attribute has M last."""

    state: torch.Tensor
    """[M], r in I = (1 - r) L + r H."""
    features: torch.Tensor
    """[4, M], of the present cycle, in the units of `parameters`."""
    past: torch.Tensor
    """[ORDER, 4, M], normalised features of the present and earlier cycles, newest first."""
    reset_v: torch.Tensor
    """[M], voltage above which a cell continues to reset."""
    cycles: torch.Tensor
    """[M], how often a cell drew new features."""

    def __init__(
        self,
        parameters: Parameters,
        shape: int | tuple[int, ...],
        random: np.random.Generator,
        *,
        cycles: int = 0,
        device: str = "cpu",
    ):
        """Cells after `cycles` full set/reset cycles, drawn from their joint law; fresh ones for 0.

        :param random: source of all draws of these cells; they are the same on every torch device.
        """
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.parameters, self._random, self._device = parameters, random, torch.device(device)
        self._offset, self._spread = (part.view(FEATURES, *shape) for part in self._draw_devices(math.prod(shape)))
        self.past = self._draw_past(math.prod(shape), cycles).view(ORDER, FEATURES, *shape)
        self.features = self._features(self.past[0], self._offset, self._spread)
        self.state = parameters.state(self.features[HIGH_RESISTANCE])
        self.reset_v = torch.full_like(self.state, WRITE_V) if cycles else self.features[RESET_THRESHOLD].clone()
        self.is_low = torch.zeros(shape, dtype=torch.bool, device=device)
        self.is_high = torch.full_like(self.is_low, cycles > 0)
        self.cycles = torch.full_like(self.is_low, cycles, dtype=torch.int64)
        self._reset_gain, self._reset_floor = torch.zeros_like(self.state), torch.full_like(self.state, math.nan)

    def _normal(self, *shape: int) -> torch.Tensor:
        return torch.from_numpy(self._random.standard_normal(shape, np.float32)).to(self._device)

    def _constant(self, array) -> torch.Tensor:
        return torch.as_tensor(np.ascontiguousarray(array), dtype=torch.float32, device=self._device)

    def _draw_devices(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Offset and scale of each cell's features, each [4, M]."""
        parameters = self.parameters
        drawn = np.searchsorted(parameters.weights.cumsum()[:-1], self._random.random(count))
        component = torch.from_numpy(drawn).to(self._device)
        normal = self._normal(2 * FEATURES, count)
        both = torch.empty_like(normal)
        for k, (mean, factor) in enumerate(zip(parameters.means, parameters.factors, strict=True)):
            mine = component == k
            both[:, mine] = self._constant(mean)[:, None] + self._constant(factor) @ normal[:, mine]
        return both[:FEATURES], both[FEATURES:]

    def _draw_past(self, count: int, cycles: int) -> torch.Tensor:
        """The newest ORDER normalised feature vectors, newest first, [ORDER, 4, M]."""
        known = min(cycles + 1, ORDER)
        joint = covariance(self.parameters, cycles)[:known, :, :known].reshape(known * FEATURES, known * FEATURES)
        past = torch.zeros(ORDER, FEATURES, count, device=self._device)
        drawn = self._constant(np.linalg.cholesky(joint)) @ self._normal(known * FEATURES, count)
        past[:known] = drawn.view(known, FEATURES, count)
        return past

    def _features(self, normalised: torch.Tensor, offset: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
        shape = torch.zeros_like(normalised)
        for coefficients in self._constant(self.parameters.transform).T:
            shape = shape * normalised + coefficients.view(-1, *[1] * (normalised.dim() - 1))
        features = offset + spread * shape
        features[HIGH_RESISTANCE] = 10 ** features[HIGH_RESISTANCE]
        return features

    def _draw_cycle(self, mine: torch.Tensor) -> None:
        """One step of the autoregression for the cells that start to reset."""
        parameters = self.parameters
        past = self.past[:, :, mine]
        new = self._constant(parameters.innovation) @ self._normal(FEATURES, past.shape[-1])
        new += torch.einsum("lij,ljm->im", self._constant(parameters.regression), past)
        self.past[:, :, mine] = torch.cat([new[None], past[:-1]])
        self.features[:, mine] = self._features(new, self._offset[:, mine], self._spread[:, mine])
        self.cycles += mine

    def apply(self, voltage_v: torch.Tensor | float) -> None:
        """One pulse on every cell.

        :param voltage_v: a scalar or [M].
        """
        parameters = self.parameters
        voltage_v = torch.as_tensor(voltage_v, dtype=torch.float32, device=self._device).expand_as(self.state)
        sets = ~self.is_low & (voltage_v <= self.features[SET_THRESHOLD])
        resets = ~self.is_high & (voltage_v > self.reset_v)
        full = resets & (voltage_v >= parameters.max_v)
        starts = resets & self.is_low
        if sets.any():
            self.state = torch.where(sets, parameters.state(self.features[LOW_RESISTANCE]), self.state)
            self.reset_v = torch.where(sets, self.features[RESET_THRESHOLD], self.reset_v)
        if starts.any():
            self._draw_cycle(starts)
            self._start_transition(starts)
        if resets.any():
            self.state = torch.where(resets & ~full, self._on_transition(voltage_v), self.state)
            self.state = torch.where(full, parameters.state(self.features[HIGH_RESISTANCE]), self.state)
            self.reset_v = torch.where(resets, voltage_v, self.reset_v)
        self.is_low = (self.is_low | sets) & ~resets
        self.is_high = (self.is_high | full) & ~sets

    def _start_transition(self, starts: torch.Tensor) -> None:
        """The curve I(U) = gain |Umax - U|^eta + floor from the set state down to the reset one."""
        parameters = self.parameters
        floor = cell_current(parameters, parameters.state(self.features[HIGH_RESISTANCE]), parameters.max_v)
        width = (parameters.max_v - self.reset_v).abs() ** parameters.eta
        gain = (cell_current(parameters, self.state, self.reset_v) - floor) / width
        self._reset_gain = torch.where(starts, gain, self._reset_gain)
        self._reset_floor = torch.where(starts, floor, self._reset_floor)

    def _on_transition(self, voltage_v: torch.Tensor) -> torch.Tensor:
        parameters = self.parameters
        current = self._reset_gain * (parameters.max_v - voltage_v).abs() ** parameters.eta + self._reset_floor
        low, high = parameters.extreme_currents(voltage_v)
        state = (current - low) / (high - low)
        return torch.where(self._reset_floor.isnan(), self.state, state)
