"""The arithmetic of range rules, and samples of magnitudes that they are applied to."""

from dataclasses import dataclass, field

import torch

from memristor_sim.quantisation import Largest, LeastSquares, MovingAverage, Percentile, RangeRule, Sigma


def fitted_range(values: torch.Tensor, rule: RangeRule, levels: int) -> torch.Tensor:
    """What goes onto the outermost level, along the last axis.

    :param values: [..., N], any sign.
    :param levels: of one sign, without zero.
    :return: [...], like `values`; 0 where all values are.
    """
    magnitude = values.abs()
    largest = magnitude.amax(-1)
    if isinstance(rule, Largest):
        return largest
    if isinstance(rule, Percentile):
        rank = max(1, min(values.shape[-1], round(rule.percent / 100 * values.shape[-1])))
        return magnitude.kthvalue(rank, dim=-1).values
    if isinstance(rule, Sigma):
        return torch.minimum(largest, rule.factor * magnitude.square().mean(-1).sqrt())
    return _least_squares(magnitude, largest, rule, levels)


def _least_squares(magnitude: torch.Tensor, largest: torch.Tensor, rule: LeastSquares, levels: int) -> torch.Tensor:
    best, least = largest.clone(), torch.full_like(largest, float("inf"))
    for part in range(rule.candidates, 0, -1):
        reach = largest * (part / rule.candidates)
        step = torch.where(reach > 0, reach / levels, 1.0)[..., None]
        error = ((magnitude / step).round_().clamp_(max=levels).mul_(step) - magnitude).square_().mean(-1)
        best, least = torch.where(error < least, reach, best), torch.minimum(error, least)
    return best


@dataclass
class Magnitudes:
    """Magnitudes of one tensor over the calls of a model: the largest, a running average, and samples."""

    per_call: int = 1 << 14
    """Samples that are kept of each call."""
    calls: int = 64
    """Calls of which samples are kept."""
    largest: float = 0.0
    largest_of_calls: list[float] = field(default_factory=list)
    samples: list[torch.Tensor] = field(default_factory=list)

    def see(self, values: torch.Tensor, *, keep_samples: bool = True) -> None:
        """One more call. Of many values, evenly spaced ones are kept."""
        here = values.abs().max().item() if values.numel() else 0.0
        # NaN must stay visible, and max() would drop it
        self.largest = here if here != here else max(self.largest, here)
        self.largest_of_calls.append(here)
        if keep_samples and values.numel() and len(self.samples) < self.calls:
            flat = values.detach().flatten()
            self.samples.append(flat[:: max(1, -(-flat.numel() // self.per_call))].float())

    def range(self, rule: RangeRule | MovingAverage, levels: int) -> float:
        """What goes onto the outermost level."""
        if isinstance(rule, Largest) or not self.largest:
            return self.largest
        if isinstance(rule, MovingAverage):
            average = self.largest_of_calls[0]
            for one in self.largest_of_calls[1:]:
                average += rule.momentum * (one - average)
            return average
        return float(fitted_range(torch.cat(self.samples), rule, levels)) or self.largest
