"""Convolutions on crossbars: the rows of an array are (input channel of the group, kernel position), flattened.

Every function of the line voltage is taken elementwise, so a tile's product is itself a convolution; nothing is
unfolded.
"""

from math import ceil, prod

import torch
from torch import nn
from torch.nn import functional

from memristor_sim.crossbar import Crossbar
from memristor_sim.mapping import slices
from memristor_sim.noise_draws import NormalStream


class ConvCrossbar(Crossbar):
    """A convolution over one or two axes."""

    kernel: tuple[int, ...]
    """Size along each axis."""
    stride: tuple[int, ...]
    """Along each axis."""
    dilation: tuple[int, ...]
    """Along each axis."""

    def forward(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """The convolution of `x`, read out.

        :param x: [S, channels, *axes], padded.
        :param full_scale: the input that drives full scale.
        :return: [S, outputs, *axes] float32, one weight step at full scale being 1.
        :raises MemristorError: NaN or infinity in `x`.
        """
        groups = self.mapping.groups
        functions = self.line_functions(self.dac_levels(x, full_scale))
        functions = tuple(one.unflatten(1, (groups, -1)) for one in functions)
        normals = NormalStream(x.device) if self.read_noise is not None else None
        axes = [
            (size - d * (k - 1) - 1) // s + 1
            for size, k, s, d in zip(x.shape[2:], self.kernel, self.stride, self.dilation, strict=True)
        ]
        out = torch.zeros(x.shape[0], groups, self.mapping.columns, *axes, device=x.device)
        for some_groups, lines in self._blocks(out):
            for rows in self.mapping.row_slices():
                of_groups = tuple(one[:, some_groups] for one in functions)
                self._add_tile_row_(out[:, some_groups, lines], of_groups, rows, some_groups, lines, normals)
        return out.mul_(2.0**-self.adc.precision_bits).flatten(1, 2)

    def _add_tile_row_(
        self,
        out: torch.Tensor,
        functions: tuple[torch.Tensor, ...],
        rows: slice,
        groups: slice,
        lines: slice,
        normals: NormalStream | None,
    ) -> None:
        """:param out: [S, groups, outputs, *axes].

        :param functions: of line_functions, each [S, groups, channels, *axes].
        """
        area = prod(self.kernel)
        channels = slice(rows.start // area, ceil(rows.stop / area))
        drive, *noise = (one[:, :, channels].flatten(1, 2) for one in functions)
        if normals is not None:
            ones = torch.ones_like(self.r_plus[0, groups, rows, :1], dtype=torch.float32)
            offset, slope = self._convolved(noise[0], ones, rows, channels), noise[1]
        for plane, weight in enumerate(self.mapping.plane_weights):
            minus, plus = (states[plane, groups, rows, lines].float() for states in (self.r_minus, self.r_plus))
            mean = self._convolved(drive, minus - plus, rows, channels)[None]
            if normals is not None:
                variance = offset - self._convolved(slope, minus + plus, rows, channels)
                self.add_noise_(mean, variance[None], normals)
            out.add_(self.digitise_(mean)[0], alpha=weight)

    def _convolved(self, x: torch.Tensor, weight: torch.Tensor, rows: slice, channels: slice) -> torch.Tensor:
        """The convolution with one tile's cells.

        :param x: [S, groups * channels, *axes].
        :param weight: [groups, rows, outputs].
        :return: [S, groups, outputs, *axes].
        """
        area = prod(self.kernel)
        before, after = rows.start - channels.start * area, channels.stop * area - rows.stop
        weight = functional.pad(weight, (0, 0, before, after)).transpose(1, 2)  # [groups, outputs, channels * area]
        groups = weight.shape[0]
        kernel = weight.reshape(-1, channels.stop - channels.start, *self.kernel)
        convolve = (functional.conv1d, functional.conv2d)[len(self.kernel) - 1]
        return convolve(x, kernel, None, self.stride, 0, self.dilation, groups).unflatten(1, (groups, -1))

    def _blocks(self, out: torch.Tensor) -> list[tuple[slice, slice]]:
        """Groups and outputs that are computed at once: about a sixteenth of the output on a CPU."""
        _, groups, columns, *_ = out.shape
        share = 16 if out.device.type == "cpu" else 1
        if groups > 1:
            return [(some, slice(0, columns)) for some in slices(groups, ceil(groups / share))]
        return [(slice(0, 1), lines) for lines in slices(columns, max(8, ceil(columns / share)))]


class MemristorConv(nn.Module):
    """A programmed nn.Conv1d or nn.Conv2d."""

    scale: torch.Tensor
    """[2]: value of one integer weight step, and the input that drives full scale."""

    def __init__(
        self,
        crossbar: ConvCrossbar,
        *,
        padding: list[int],
        padding_mode: str,
        bias: torch.Tensor | None,
        output_quantizer: nn.Module,
    ):
        """:param padding: before and after, last axis first, as functional.pad takes it.

        :param bias: [outputs] or None; added digitally.
        :param output_quantizer: applied to the result, as the fake-quantised layer did.
        """
        super().__init__()
        self.crossbar, self.padding, self.padding_mode = crossbar, padding, padding_mode
        self.register_buffer("scale", torch.ones(2))
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)
        self.output_quantizer = output_quantizer

    @torch.no_grad()
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output.

        :param x: [S, channels, *axes] or [channels, *axes].
        :return: [S, outputs, *axes'] or [outputs, *axes'], same dtype.
        """
        axes = len(self.crossbar.kernel)
        if x.dim() == axes + 1:
            return self(x[None])[0]
        weight_scale, input_range = self.scale
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        with torch.autocast(x.device.type, enabled=False):
            y = self.crossbar(functional.pad(x, self.padding, mode=mode), input_range)
            y *= weight_scale * input_range
            if self.bias is not None:
                y += self.bias.view(-1, *[1] * axes)
        return self.output_quantizer(y.to(x.dtype))
