"""What every programmed layer shares: scales around a crossbar, and an effective weight where the weight was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn

from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.kept_buffers import KeptBuffers

FromMatrix = Callable[[torch.Tensor], torch.Tensor]
"""A weight as a crossbar holds it, [groups, rows, columns], to the shape that the layer had it in; can be pickled."""


class ScaledCrossbar(KeptBuffers):
    """A crossbar with its scales and bias."""

    scale: torch.Tensor
    """[2]: value of one integer weight step, and the input that drives full scale."""
    column_scale: torch.Tensor | None
    """[groups * columns]: further factors, if the columns have scales of their own."""
    column_affine: torch.Tensor | None
    """[2, groups * columns]: gain and offset of each column after that, in the units of the output, if the device was
    calibrated (column_affine.calibrate_columns). A state_dict brings its own."""
    observer: Callable[[ScaledCrossbar, torch.Tensor], torch.Tensor] | None = None
    """Gives the product in its place while a device is calibrated."""

    def __init__(
        self, crossbar: Crossbar, *, bias: torch.Tensor | None, from_matrix: FromMatrix, dtype: torch.dtype
    ) -> None:
        """:param bias: [outputs] or None; added digitally.

        :param from_matrix: gives `weight` its shape.
        :param dtype: of the weight that was programmed.
        """
        super().__init__()
        self.crossbar, self._from_matrix, self._dtype = crossbar, from_matrix, dtype
        self.register_buffer("scale", torch.ones(2))
        self.register_buffer("column_scale", None)
        self.register_buffer("column_affine", None)
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)

    @property
    def weight(self) -> torch.Tensor:
        """The effective weight: what the cells compute on average, in shape and dtype of what was programmed.

        It is made anew from the cells at each access. Nothing can be assigned to it.
        """
        matrix = self.crossbar.effective_weight() * self.scale[0]
        if self.column_scale is not None:
            matrix *= self.column_scale.view(len(matrix), 1, -1)
        if self.column_affine is not None:
            matrix *= self.column_affine[0].view(len(matrix), 1, -1)
        return self._from_matrix(matrix).to(self._dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., I] to [..., O] float32, or [S, channels, *axes] to [S, outputs, *axes'] of a convolution."""
        return self.with_bias(self.product(x))

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Without the bias."""
        if self.observer is not None:
            return self.observer(self, x)
        y = self.raw_product(x)
        if self.column_affine is None:
            return y
        gain, offset = (self._along_outputs(one) for one in self.column_affine)
        return y * gain + offset if y.requires_grad else y.mul_(gain).add_(offset)

    def raw_product(self, x: torch.Tensor) -> torch.Tensor:
        """Without the bias and the calibration of columns."""
        weight_scale, input_range = self.scale
        y, factor = self.crossbar(x, input_range), weight_scale * input_range
        y = y * factor if y.requires_grad else y.mul_(factor)
        return y if self.column_scale is None else y.mul_(self._along_outputs(self.column_scale))

    @property
    def column_count(self) -> int:
        """Columns of all groups."""
        return self.crossbar.mapping.groups * self.crossbar.mapping.columns

    def identity_affine(self) -> torch.Tensor:
        """Gain 1 and offset 0 of each column, [2, groups * columns]."""
        affine = torch.zeros(2, self.column_count, device=self.scale.device)
        affine[0] = 1
        return affine

    def _along_outputs(self, factors: torch.Tensor) -> torch.Tensor:
        return factors.view(-1, *[1] * len(self.crossbar.kernel))

    def with_bias(self, y: torch.Tensor, axes: int = 0) -> torch.Tensor:
        """Add the bias, in place.

        :param y: [..., outputs, *axes].
        """
        if self.bias is not None:
            y += self.bias.view(-1, *[1] * axes)
        return y

    def unpacked(self) -> AbstractContextManager[None]:
        """Within the context, many reads of few vectors are faster (LinearCrossbar.unpacked)."""
        return self.crossbar.unpacked()  # type: ignore[operator]

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any, **kwargs: Any) -> None:
        found, wanted = state_dict.get(prefix + "column_affine"), self.identity_affine()
        if found is not None and found.shape != wanted.shape:
            raise MemristorError(
                f"The state_dict of layer {self.crossbar.name!r} has gains and offsets of shape {list(found.shape)}, "
                f"its columns need {list(wanted.shape)}: calibrate the device of this model."
            )
        self.column_affine = None if found is None else wanted
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def _apply(self, fn: Callable, recurse: bool = True) -> ScaledCrossbar:
        self._dtype = fn(torch.empty(0, dtype=self._dtype)).dtype
        super()._apply(fn, recurse)
        return self


def keep_attributes(built: nn.Module, layer: nn.Module) -> None:
    """Give `built` the public attributes of the layer that it replaces, such as `in_features` and `stride`.

    Tensors and submodules are not among them, nor what `built` has itself.
    """
    own = set(vars(built)) | set(built._parameters) | set(built._buffers) | set(built._modules)
    for name, value in vars(layer).items():
        taken = name.startswith("_") or name in own or isinstance(getattr(type(built), name, None), property)
        if not taken and not isinstance(value, torch.Tensor):
            setattr(built, name, value)


def in_float32(function: Callable[..., torch.Tensor], x: torch.Tensor, *args: Any) -> torch.Tensor:
    """What `function` gives for `x`, computed outside autocast and returned in the dtype of `x`."""
    with torch.autocast(x.device.type, enabled=False):
        return function(x, *args).to(x.dtype)
