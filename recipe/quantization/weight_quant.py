"""Fake quantisers of weights: what is pruned before one, dropped or disturbed after it, and other rules for its range.

A range is a scalar or, per column, [O, 1, ...] for a weight [O, ...].
"""

from typing import Protocol

import torch
from torch import nn

from memristor_sim.quantisation import LeastSquares
from memristor_sim.ranges import fitted_range
from recipe.quantization.fake_quant import UNSEEN_RANGE, FakeQuantize
from recipe.quantization.ranges import Lsq, RunningMaximum, SigmaClip, WeightRange


class WeightNoise(Protocol):
    """What training adds to a quantised weight."""

    def __call__(self, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """The disturbed weight; the gradient passes straight through.

        :param weight: quantised, [O, ...]
        :param scale: value of one level, a scalar or [O, 1, ...]
        """
        ...


class FittedQuantize(FakeQuantize):
    """A quantiser whose range follows RunningMaximum, SigmaClip or MseClip, per tensor or per column.

    What is clipped keeps its gradient, so that a weight beyond the range can come back.
    """

    noise: WeightNoise | None = None
    """Added in training; no part of the state."""

    def __init__(
        self,
        bits: int,
        rule: WeightRange,
        outputs: int,
        axes: int,
        *,
        quant_max: int | None = None,
        dropout: float = 0.0,
        pruning_threshold: float = 0.0,
    ):
        """
        :param outputs: O; :param axes: of the weight
        :param quant_max: see FakeQuantize
        :param dropout: see QuantizationConfig.weight_dropout; :param pruning_threshold: likewise
        """
        super().__init__(bits, quant_max)
        self.rule, self.dropout, self.pruning_threshold = rule, dropout, pruning_threshold
        self._started = False
        shape = (outputs, *[1] * (axes - 1)) if rule.per_column else ()
        self.register_buffer("range", torch.full(shape, UNSEEN_RANGE))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[O, ...] -> float32 of the same shape; see FakeQuantize."""
        y = super().forward(self._pruned(x.float()))
        if not self.training or self.calibrating:
            return y
        if self.noise is not None:
            y = self.noise(y, self.scale.detach())
        return nn.functional.dropout(y, self.dropout) if self.dropout else y

    def integers(self, x: torch.Tensor) -> torch.Tensor:
        """As FakeQuantize, after pruning."""
        return super().integers(self._pruned(x.detach().float()))

    def _pruned(self, x: torch.Tensor) -> torch.Tensor:
        """Small values become 0 with a straight-through gradient."""
        if not self.pruning_threshold:
            return x
        with torch.no_grad():
            removed = torch.where(x.abs() < self.pruning_threshold, x, 0.0)
        return x - removed

    @property
    def _published(self) -> bool:
        return isinstance(self.rule, RunningMaximum) and not self.rule.per_column

    def _clipped(self, x: torch.Tensor) -> torch.Tensor:
        return x.clamp(-self.reach, self.reach) if self.rule.per_column else super()._clipped(x)

    def _rounded(self, x: torch.Tensor) -> torch.Tensor:
        if self._published:
            return super()._rounded(x)
        scale = self.scale
        y = x.clone()  # passes the gradient on
        with torch.no_grad():
            levels = y.mul_(scale.reciprocal()).round_()
            if not isinstance(self.rule, RunningMaximum):
                levels.clamp_(-self.quant_max, self.quant_max)
            return levels.mul_(scale)

    @torch.no_grad()
    def _observe(self, x: torch.Tensor) -> None:
        if self._published:
            super()._observe(x)
        elif isinstance(self.rule, RunningMaximum):
            torch.maximum(self.range, self._reduced(x.abs(), torch.amax), out=self.range)
        elif isinstance(self.rule, SigmaClip):
            root = self._reduced(x.square(), torch.mean).sqrt_()
            self._set(torch.minimum(self._reduced(x.abs(), torch.amax), root.mul_(self.rule.sigmas)))
        else:
            self._set(self._least_squares(x))

    def _least_squares(self, x: torch.Tensor) -> torch.Tensor:
        if not self._started:
            self._started = True
            if bool((self.range <= UNSEEN_RANGE).any()):
                rows = x.flatten(1) if self.rule.per_column else x.flatten()
                return fitted_range(rows, LeastSquares(), self.quant_max).view(self.range.shape)
        if self.calibrating:  # the weights do not change
            return self.range
        levels = (x * self.scale.reciprocal()).round_().clamp_(-self.quant_max, self.quant_max)
        squares = self._reduced(levels.square(), torch.sum)
        fitted = self._reduced(levels.mul_(x), torch.sum) / squares * self.quant_max
        return torch.where(squares > 0, fitted, self.range)

    def _set(self, value: torch.Tensor) -> None:
        torch.clamp(value, min=UNSEEN_RANGE, out=self.range)  # in place, for DDP and state_dict

    def _reduced(self, x: torch.Tensor, function) -> torch.Tensor:
        """A reduction over all values, or over those of each column."""
        axes = list(range(1 if self.rule.per_column else 0, x.dim()))
        return function(x, dim=axes, keepdim=self.rule.per_column)


class LearnedQuantize(FittedQuantize):
    """Lsq: the range is `range`, where it started, times e**`log_factor`, which is trained.

    What is clipped gets no gradient, as published.
    """

    def __init__(self, bits: int, rule: Lsq, outputs: int = 1, axes: int = 1, **options):
        """As FittedQuantize."""
        super().__init__(bits, rule, outputs, axes, **options)
        self.log_factor = nn.Parameter(torch.zeros(self.range.shape))

    @property
    def reach(self) -> torch.Tensor:
        """The magnitude on the outermost level."""
        return self.range * self.log_factor.detach().exp()

    @property
    def scale(self) -> torch.Tensor:
        """Step size, a scalar or [O, 1, ...]."""
        return self.reach / self.levels

    def _rounded(self, x: torch.Tensor) -> torch.Tensor:
        return _LearnedRound.apply(x, self.log_factor, self.scale, self.quant_max)

    def _observe(self, x: torch.Tensor) -> None:
        if not self._started:
            self._start(x)

    @torch.no_grad()
    def _start(self, x: torch.Tensor) -> None:
        fresh = self.range <= UNSEEN_RANGE
        start = self._reduced(x.abs(), torch.mean).mul_(2 * self.quant_max**0.5)
        self._set(torch.where(fresh, start, self.range))
        self._started = True


class _LearnedRound(torch.autograd.Function):
    """Rounding to scale * {-qmax..qmax} with the gradient of arXiv 1902.08153 by the logarithm of the scale.

    It is y for what is clipped and y - x for the rest, times the incoming gradient g, summed: g y - g (not clipped) x.
    """

    @staticmethod
    def forward(ctx, x, log_factor, scale, quant_max):
        """Rounded and clipped values."""
        per_step = scale.reciprocal()
        y = (x * per_step).round_().clamp_(-quant_max, quant_max).mul_(scale)
        ctx.save_for_backward(x, y, per_step)
        ctx.quant_max = quant_max
        return y

    @staticmethod
    def backward(ctx, grad):
        """Gradients by x and by the logarithm of the scale."""
        x, y, per_step = ctx.saved_tensors
        # the derivative of a clipped line, in one pass; comparing and selecting takes ten times as long
        passed = torch.ops.aten.hardtanh_backward(grad, x * per_step, -ctx.quant_max, ctx.quant_max)
        if per_step.dim():
            whole, rest = (g.flatten(1)[:, None].bmm(v.flatten(1)[..., None]) for g, v in ((grad, y), (passed, x)))
        else:
            whole, rest = (torch.dot(g.flatten(), v.flatten()) for g, v in ((grad, y), (passed, x)))
        by_log = (whole - rest).view(per_step.shape)
        return passed, by_log / (x.numel() / per_step.numel() * ctx.quant_max) ** 0.5, None, None


def weight_quantizer(bits: int, weight: torch.Tensor, choices) -> FakeQuantize:
    """The quantiser of a weight.

    :param weight: [O, ...]
    :param choices: QuantizationConfig, or None for the published choices
    """
    if choices is None:
        return FakeQuantize(bits)
    quant_max = None if choices.levels is None else (choices.levels - 1) // 2
    kind = LearnedQuantize if isinstance(choices.weight_range, Lsq) else FittedQuantize
    return kind(
        bits,
        choices.weight_range,
        len(weight),
        weight.dim(),
        quant_max=quant_max,
        dropout=choices.weight_dropout,
        pruning_threshold=choices.pruning_threshold,
    )


def input_quantizer(bits: int, choices) -> FakeQuantize:
    """The quantiser of a layer's inputs.

    :param choices: as `weight_quantizer`
    """
    if choices is None or not isinstance(choices.input_range, Lsq):
        return FakeQuantize(bits)
    return LearnedQuantize(bits, choices.input_range)
