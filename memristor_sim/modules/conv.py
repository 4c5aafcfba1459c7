"""Convolutions on crossbars: the rows of an array are (input channel of the group, kernel position), flattened.

On a CPU, what drives the rows is unfolded, a block of output positions at a time, and read as by a linear layer. With
groups, on a GPU and in traced graphs nothing is unfolded: every function of the line voltage is taken elementwise, so
a tile's product is itself a convolution.
"""

from math import ceil, prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.grad import conv1d_input, conv2d_input, conv3d_input

from memristor_sim.crossbar import Place
from memristor_sim.errors import MemristorError
from memristor_sim.linear_crossbar import LinearCrossbar
from memristor_sim.mapping import slices
from memristor_sim.modules.programmed import ScaledCrossbar, in_float32
from memristor_sim.noise_draws import NormalStream
from memristor_sim.tracing import traced

UNFOLDED = 1 << 21
"""Row drives that are unfolded at once: some 32 MB."""


class ConvCrossbar(LinearCrossbar):
    """A convolution over one to three axes."""

    stride: tuple[int, ...]
    """Along each axis."""
    dilation: tuple[int, ...]
    """Along each axis."""

    def read(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """The convolution of `x`, read out.

        :param x: [S, channels, *axes], padded.
        :param full_scale: the input that drives full scale.
        :return: [S, outputs, *axes] float32, one weight step at full scale being 1.
        :raises MemristorError: NaN or infinity in `x`.
        """
        groups = self.mapping.groups
        if groups == 1 and x.device.type == "cpu" and not traced():
            return self._read_unfolded(self.dac_levels(x, full_scale))
        functions = self.line_functions(self.dac_levels(x, full_scale))
        functions = tuple(one.unflatten(1, (groups, -1)) for one in functions)
        normals = NormalStream(x.device) if self.read_noise is not None else None
        axes = self.positions(x.shape[2:])
        out = torch.zeros(x.shape[0], groups, self.mapping.columns, *axes, device=x.device)
        for some_groups, lines in self._blocks(out):
            for tile in range(len(self.mapping.row_slices())):
                of_groups = tuple(one[:, some_groups] for one in functions)
                self._add_convolved_(out[:, some_groups, lines], of_groups, tile, some_groups, lines, normals)
        return out.mul_(self.step_value).flatten(1, 2)

    def exact(self, x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        """As Crossbar."""
        groups = self.mapping.groups
        kernel = matrix.transpose(1, 2).reshape(groups * self.mapping.columns, -1, *self.kernel)
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[len(self.kernel) - 1]
        return convolve(x, kernel, None, self.stride, 0, self.dilation, groups)

    def positions(self, sizes: torch.Size) -> list[int]:
        """Outputs along each axis.

        :param sizes: of the padded input along the axes.
        """
        return [
            (size - d * (k - 1) - 1) // s + 1
            for size, k, s, d in zip(sizes, self.kernel, self.stride, self.dilation, strict=True)
        ]

    def _read_unfolded(self, levels: torch.Tensor) -> torch.Tensor:
        """`read` of DAC levels, [S, channels, *axes]."""
        windows = levels
        for axis, (k, d, s) in enumerate(zip(self.kernel, self.dilation, self.stride, strict=True), start=2):
            windows = windows.unfold(axis, d * (k - 1) + 1, s)[..., ::d]
        windows = windows.movedim(1, 1 + len(self.kernel))  # [S, *positions, channels, *kernel]
        sequences, first, *others = windows.shape[: 1 + len(self.kernel)]
        out = torch.empty(sequences, first, prod(others) * self.mapping.columns)
        normals = self._normals(levels.device)
        for some in slices(first, max(1, UNFOLDED // max(1, sequences * prod(others) * self.mapping.rows))):
            vectors = (some.stop - some.start) * prod(others)
            rows = windows[:, some].reshape(sequences, vectors, self.mapping.rows)
            out[:, some] = self._of_rows(rows, normals).view(out[:, some].shape)
        out.mul_(self.step_value)
        return out.view(sequences, first, *others, self.mapping.columns).movedim(-1, 1).contiguous()

    def _of_rows(self, levels: torch.Tensor, normals: NormalStream | None) -> torch.Tensor:
        """[S, n, O] in ADC steps for what drives the rows, [S, n, I]."""
        if not self.shares_noise:  # sequences are nothing but more vectors
            levels = levels.flatten(0, 1)[None]
        total = torch.zeros(*levels.shape[:2], self.mapping.columns)
        if total.numel():
            self.add_read_out_(total, levels, normals)
        return total

    def transposed_product(self, gradient: torch.Tensor, matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        """As Crossbar."""
        kernel = matrix.transpose(1, 2).reshape(gradient.shape[1], -1, *self.kernel)
        back = (conv1d_input, conv2d_input, conv3d_input)[len(self.kernel) - 1]
        return back(shape, kernel, gradient, self.stride, 0, self.dilation, self.mapping.groups)

    def _add_convolved_(
        self,
        out: torch.Tensor,
        functions: tuple[torch.Tensor, ...],
        tile: int,
        groups: slice,
        lines: slice,
        normals: NormalStream | None,
    ) -> None:
        """:param out: [S, groups, outputs, *axes].

        :param functions: of line_functions, each [S, groups, channels, *axes].
        """
        area, rows, compiled = prod(self.kernel), self.mapping.row_slices()[tile], self.compiled(out)
        channels = slice(rows.start // area, ceil(rows.stop / area))
        of_tile = tuple(one[:, :, channels].flatten(1, 2) for one in functions)
        drives, offsets, slopes = self.split(of_tile)
        if offsets:
            ones = torch.ones_like(self.r_plus[0, groups, rows, :1], dtype=torch.float32)
            offset = self._convolved(offsets[0], ones, rows, channels)
        for plane in range(self.mapping.planes):
            matrices = self.matrices((plane, groups, rows, lines), noisy=normals is not None)
            currents = [self._sum_convolved(drives, matrices[: len(drives)], rows, channels)[None]]
            if normals is not None:
                varying = self._sum_convolved(slopes, matrices[len(drives) :], rows, channels)
                currents.append((offset - varying if offsets else varying.neg_())[None])
            self.accumulate_(out, currents, normals, Place(slice(plane, plane + 1), tile, lines), compiled)

    def _sum_convolved(
        self, functions: tuple[torch.Tensor, ...], matrices: tuple[torch.Tensor, ...], rows: slice, channels: slice
    ) -> torch.Tensor:
        pairs = zip(functions, matrices, strict=True)
        first, *others = (self._convolved(x, matrix, rows, channels) for x, matrix in pairs)
        return sum(others, first)

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
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[len(self.kernel) - 1]
        return convolve(x, kernel, None, self.stride, 0, self.dilation, groups).unflatten(1, (groups, -1))

    def _blocks(self, out: torch.Tensor) -> list[tuple[slice, slice]]:
        """Groups and outputs that are computed at once: about a sixteenth of the output on a CPU."""
        _, groups, columns, *_ = out.shape
        share = 16 if out.device.type == "cpu" else 1
        if groups > 1:
            return [(some, slice(0, columns)) for some in slices(groups, ceil(groups / share))]
        return [(slice(0, 1), lines) for lines in slices(columns, max(8, ceil(columns / share)))]


class MemristorConv(ScaledCrossbar):
    """A programmed nn.Conv1d, nn.Conv2d or nn.Conv3d."""

    crossbar: ConvCrossbar

    def __init__(self, *args: Any, pads: list[int], padding_mode: str, output_quantizer: nn.Module, **kwargs: Any):
        """As ScaledCrossbar.

        :param pads: before and after, last axis first, as functional.pad takes it.
        :param output_quantizer: applied to the result, as the fake-quantised layer did.
        """
        super().__init__(*args, **kwargs)
        self._pads, self.padding_mode = pads, padding_mode
        self.output_quantizer = output_quantizer

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The layer's output.

        :param input: [S, channels, *axes] or [channels, *axes].
        :return: [S, outputs, *axes'] or [outputs, *axes'], same dtype.
        """
        axes = len(self.crossbar.kernel)
        if input.dim() == axes + 1:
            return self(input[None])[0]
        return self.output_quantizer(in_float32(self._convolved, input))

    def _convolved(self, x: torch.Tensor) -> torch.Tensor:
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        y = self.product(functional.pad(x, self._pads, mode=mode))
        return self.with_bias(y, axes=len(self.crossbar.kernel))


class MemristorConvTranspose(ScaledCrossbar):
    """A programmed nn.ConvTranspose1d, 2d or 3d.

    Every input position is read once: its channels drive the lines, the columns are (output, kernel position), and what
    they give is added up digitally where it belongs.
    """

    crossbar: ConvCrossbar
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]

    def __init__(self, *args: Any, output_quantizer: nn.Module, **kwargs: Any):
        """As ScaledCrossbar.

        :param output_quantizer: applied to the result; an identity.
        """
        super().__init__(*args, **kwargs)
        self.output_quantizer = output_quantizer

    def forward(self, input: torch.Tensor, output_size: list[int] | None = None) -> torch.Tensor:
        """The layer's output.

        :param input: [S, channels, *axes] or [channels, *axes].
        :param output_size: the size along the axes, where strides leave a choice.
        :return: [S, outputs, *axes'] or [outputs, *axes'], same dtype.
        """
        axes = len(self.kernel_size)
        if input.dim() == axes + 1:
            return self(input[None], output_size)[0]
        return self.output_quantizer(in_float32(self._convolved, input, output_size))

    def _convolved(self, x: torch.Tensor, output_size: list[int] | None) -> torch.Tensor:
        axes, area = len(self.kernel_size), prod(self.kernel_size)
        read = self.product(x)  # [S, outputs * area, *axes]
        outputs = read.shape[1] // area
        places = torch.eye(area, device=x.device).view(area, 1, *self.kernel_size).repeat(outputs, *[1] * (axes + 1))
        add_up = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)[axes - 1]
        extra = self.output_padding if output_size is None else self._extra(x, output_size)
        y = add_up(read, places, None, self.stride, self.padding, extra, outputs, self.dilation)
        return self.with_bias(y, axes=axes)

    def _extra(self, x: torch.Tensor, output_size: list[int]) -> tuple[int, ...]:
        """The output padding that gives this size."""
        geometry = zip(x.shape[2:], self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        smallest = [(size - 1) * s - 2 * p + d * (k - 1) + 1 for size, k, s, p, d in geometry]
        extra = tuple(w - m for w, m in zip(output_size[-len(smallest) :], smallest, strict=True))
        if any(not 0 <= one < s for one, s in zip(extra, self.stride, strict=True)):
            raise MemristorError(
                f"Transposed convolution {self.crossbar.name!r} cannot give an output of size {list(output_size)}: "
                f"each axis takes {smallest} and up to stride - 1 more."
            )
        return extra
