"""The weights of a layer as a crossbar sees them: each a matrix, or a group of matrices, and the way back."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from memristor_sim.crossbar import Crossbar
from memristor_sim.linear_crossbar import LinearCrossbar


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a weight lies on arrays. Both functions can be pickled."""

    to_matrix: Callable[[torch.Tensor], torch.Tensor]
    """The weight to [groups, rows, columns]."""
    from_matrix: Callable[[torch.Tensor], torch.Tensor]
    """The way back."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One weight of a layer."""

    carrier: Any
    """What has it as `weight`, and the other members of FakeQuantised if the layer is fake-quantised."""
    layout: Layout
    bias: torch.Tensor | None = None
    """Added to the product digitally, [outputs]."""
    kind: type[Crossbar] = LinearCrossbar
    geometry: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Attributes of the crossbar besides: kernel, stride and dilation of a convolution."""
    input_range: float | None = None
    """The input that drives full scale, of a fake-quantised layer."""

    def crossbar_key(self) -> Hashable:
        """What two parts must have in common to be one crossbar, besides how they are mapped."""
        function = self.layout.to_matrix
        return id(self.carrier.weight), self.kind, getattr(function, "func", function), self.geometry

    @property
    def shape(self) -> tuple[int, int, int]:
        """Groups, rows, columns."""
        groups, rows, columns = self.layout.to_matrix(torch.empty(self.carrier.weight.shape, device="meta")).shape
        return groups, rows, columns


def _transposed(weight: torch.Tensor) -> torch.Tensor:
    return weight.T[None]


def _transposed_back(matrix: torch.Tensor) -> torch.Tensor:
    return matrix[0].T


def _one_group(weight: torch.Tensor) -> torch.Tensor:
    return weight[None]


def _first_group(matrix: torch.Tensor) -> torch.Tensor:
    return matrix[0]


OUTPUTS_FIRST = Layout(to_matrix=_transposed, from_matrix=_transposed_back)
"""[outputs, inputs], as nn.Linear has it."""
INPUTS_FIRST = Layout(to_matrix=_one_group, from_matrix=_first_group)
"""[inputs, outputs]."""


def _conv_matrix(weight: torch.Tensor, groups: int) -> torch.Tensor:
    return weight.flatten(1).unflatten(0, (groups, -1)).transpose(1, 2)


def _conv_weight(matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    return matrix.transpose(1, 2).reshape(shape)


def convolution(weight: torch.Tensor, groups: int) -> Layout:
    """[groups * columns, channels, *kernel]: the rows are (channel of the group, kernel position)."""
    return Layout(to_matrix=partial(_conv_matrix, groups=groups), from_matrix=partial(_conv_weight, shape=weight.shape))


def _transposed_conv_matrix(weight: torch.Tensor, groups: int) -> torch.Tensor:
    return weight.flatten(1).unflatten(0, (groups, -1))


def _reshaped(matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    return matrix.reshape(shape)


def transposed_convolution(weight: torch.Tensor, groups: int) -> Layout:
    """[groups * rows, outputs, *kernel]: the columns are (output of the group, kernel position)."""
    to_matrix = partial(_transposed_conv_matrix, groups=groups)
    return Layout(to_matrix=to_matrix, from_matrix=partial(_reshaped, shape=weight.shape))


def _bilinear_matrix(weight: torch.Tensor) -> torch.Tensor:
    return weight.transpose(0, 1).flatten(1)[None]


def _bilinear_weight(matrix: torch.Tensor, outputs: int) -> torch.Tensor:
    return matrix[0].unflatten(1, (outputs, -1)).transpose(0, 1)


def bilinear(weight: torch.Tensor) -> Layout:
    """[outputs, inputs 1, inputs 2]: the columns are (output, input 2)."""
    return Layout(to_matrix=_bilinear_matrix, from_matrix=partial(_bilinear_weight, outputs=len(weight)))
