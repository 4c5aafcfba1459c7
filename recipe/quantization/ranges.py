"""Which magnitude is put on the outermost level, as values. Imports no torch.

`per_column`: a range for each output of a weight (a row of nn.Linear's weight) in place of one for all of it. On a
crossbar that is a column, whose factor is applied digitally behind the ADC.
"""

from dataclasses import dataclass

from recipe.errors import InputError


@dataclass(frozen=True, kw_only=True)
class RunningMaximum:
    """The largest magnitude ever seen, as published: it never shrinks, and nothing is clipped in training."""

    per_column: bool = False

    def __str__(self) -> str:
        return _name("maximum", self.per_column)


@dataclass(frozen=True, kw_only=True)
class Lsq:
    """A learned step size (arXiv 1902.08153), with the gradient scale of that work.

    The logarithm of the step is what is trained: with Adam's steps of the size of the learning rate, the step size
    itself would move by several percent at a time. It starts at 2 mean|x| / sqrt(qmax), of the first batch, and weight
    decay pulls it back there.
    """

    per_column: bool = False

    def __str__(self) -> str:
        return _name("lsq", self.per_column)


@dataclass(frozen=True, kw_only=True)
class SigmaClip:
    """A multiple of the root mean square of the present weights, but at most their largest magnitude.

    2.5 is what arXiv 2505.09663 clips weights at.
    """

    sigmas: float = 2.5
    per_column: bool = False

    def __post_init__(self):
        if not self.sigmas > 0:
            raise InputError(f"SigmaClip.sigmas is {self.sigmas!r}; give a number above 0")

    def __str__(self) -> str:
        return _name(f"sigma-{self.sigmas:g}", self.per_column)


@dataclass(frozen=True, kw_only=True)
class MseClip:
    """The range with the least mean square error of rounding and clipping.

    The first batch tries a grid; then each takes one step of alternating least squares, the scale that fits the present
    weights best to the integers that they are rounded to. It follows the weights at no cost.
    """

    per_column: bool = False

    def __str__(self) -> str:
        return _name("mse", self.per_column)


WeightRange = RunningMaximum | Lsq | SigmaClip | MseClip
InputRange = RunningMaximum | Lsq
PUBLISHED_RANGE = RunningMaximum()


def _name(rule: str, per_column: bool) -> str:
    return f"{rule}-column" if per_column else rule
