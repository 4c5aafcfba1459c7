"""The read-out of a matrix: products over tiles and planes, in blocks that fit the caches.

Shapes as in crossbar.py.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

import torch

from memristor_sim.crossbar import Crossbar
from memristor_sim.mapping import slices
from memristor_sim.noise_draws import NormalStream
from memristor_sim.tracing import traced


class LinearCrossbar(Crossbar):
    """A matrix product; the mapping has one group."""

    _unpacked: dict[tuple[int, ...], tuple[torch.Tensor, ...]] | None = None
    _sums: dict[str, tuple[torch.Tensor, ...]] | None = None
    _stream: NormalStream | None = None

    @contextmanager
    def unpacked(self) -> Iterator[None]:
        """Within the context, keep what many reads of few vectors share: the states in the form that products need, and
        one stream of read noise."""
        self._unpacked, self._sums = {}, {}
        try:
            yield
        finally:
            self._unpacked = self._sums = self._stream = None

    def read(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """The product with `x`, read out.

        :param x: [..., I].
        :param full_scale: the input that drives full scale.
        :return: [..., O] float32, one weight step at full scale being 1.
        :raises MemristorError: NaN or infinity in `x`.
        """
        if traced():
            return self._read_in_graph(x, full_scale)
        sequences = x.shape[0] if self.shares_noise and x.dim() > 1 else 1
        levels = self.dac_levels(x, full_scale).reshape(sequences, -1, x.shape[-1])
        out = torch.zeros(*levels.shape[:2], self.mapping.columns, device=x.device)
        if out.numel():
            normals = self._normals(x.device)
            for tile in range(len(self.mapping.row_slices())):
                self._add_tile_row_(out, levels, tile, normals)
        return out.mul_(self.step_value).view(*x.shape[:-1], self.mapping.columns)

    def _normals(self, device: torch.device) -> NormalStream | None:
        """Draws for the noise of a read; None without noise."""
        if self.read_noise is None or self._unpacked is None:
            return None if self.read_noise is None else NormalStream(device)
        if self._stream is None:
            self._stream = NormalStream(device)
        return self._stream

    def _read_in_graph(self, x: torch.Tensor, full_scale: torch.Tensor | float) -> torch.Tensor:
        """`read` without blocks and scratch memory, which tracers cannot follow."""
        functions = self.line_functions(self.dac_levels(x, full_scale))
        total = x.new_zeros((), dtype=torch.float32)
        for tile, rows in enumerate(self.mapping.row_slices()):
            drives, offset, slopes = self.split(tuple(one[..., rows] for one in functions))
            for plane, weight in enumerate(self.mapping.plane_weights):
                matrices = self.matrices((plane, 0, rows), noisy=len(slopes) > 0)
                mean = sum_of_products(drives, matrices[: len(drives)])
                if slopes:
                    varying = sum_of_products(slopes, matrices[len(drives) :])
                    variance = offset[0].sum(-1, keepdim=True) - varying if offset else -varying
                    shape = (1, *mean.shape[1:]) if self.shares_noise and mean.dim() > 1 else mean.shape
                    mean = mean + variance.clamp(min=0).sqrt() * torch.randn(shape, device=x.device)
                flat = mean.reshape(1, 1, -1, mean.shape[-1])
                digits = self.digitise_(flat, slice(plane, plane + 1), tile, slice(0, self.mapping.columns))
                total = total + weight * digits.view(mean.shape)
        return total * self.step_value

    def exact(self, x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        """As Crossbar."""
        return x @ matrix[0]

    def transposed_product(self, gradient: torch.Tensor, matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        """As Crossbar."""
        return gradient @ matrix[0].T

    def kept_sums(self) -> dict[str, tuple[torch.Tensor, ...]]:
        """As Crossbar; one for all reads within `unpacked`."""
        return {} if self._sums is None else self._sums

    def _add_tile_row_(self, out: torch.Tensor, levels: torch.Tensor, tile: int, normals: NormalStream | None) -> None:
        sequences, vectors, columns = out.shape
        rows = self.mapping.row_slices()[tile]
        levels = levels[..., rows]
        block = _Block.of(out, self.mapping.planes)
        some_vectors = slices(vectors, block.vectors)
        inputs = [self._inputs(levels[:, some]) for some in some_vectors]
        size = block.planes * sequences * block.vectors * block.columns
        scratch = torch.empty(1 if normals is None else 2, size, device=out.device)
        for lines in slices(columns, block.columns):
            for planes in slices(self.mapping.planes, block.planes):
                cells = self._operands(planes, rows, lines, normals is not None)
                for some, line in zip(some_vectors, inputs, strict=True):
                    shape = planes.stop - planes.start, sequences, some.stop - some.start, lines.stop - lines.start
                    views = [memory[: prod(shape)].view(shape) for memory in scratch]
                    self._currents(line, cells, views, normals)
                    digits = self.digitise_(views[0], planes, tile, lines)
                    for weight, values in zip(self.mapping.plane_weights[planes], digits, strict=True):
                        out[:, some, lines].add_(values, alpha=weight)

    def _inputs(self, levels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Drive and slope at levels [S, n, I], each [1, S * n, I]; offset summed over the inputs, [1, S * n, 1].

        If currents are attenuated, both functions of the mean and of the variance side by side, [1, S * n, 2 I].
        """
        drives, offset, slopes = self.split(self.line_functions(levels.flatten(0, 1)[None]))
        if not slopes:
            return (_side_by_side(drives, -1),)
        summed = offset[0].sum(-1, keepdim=True) if offset else torch.zeros_like(drives[0][..., :1])
        return _side_by_side(drives, -1), summed, _side_by_side(slopes, -1)

    def _currents(
        self,
        line: tuple[torch.Tensor, ...],
        cells: tuple[torch.Tensor, ...],
        scratch: list[torch.Tensor],
        normals: NormalStream | None,
    ) -> None:
        """Currents in ADC steps into the first tensor of `scratch`, [P, S, n, O]; the second takes the variance."""
        mean, planes = scratch[0], len(scratch[0])
        torch.bmm(line[0].expand(planes, -1, -1), cells[0], out=mean.flatten(1, 2))
        if normals is not None:
            slope, variance = line[2].expand(planes, -1, -1), scratch[1]
            torch.baddbmm(line[1], slope, cells[1], alpha=-1, out=variance.flatten(1, 2))
            self.add_noise_(mean, variance, normals)

    def _operands(self, planes: slice, rows: slice, lines: slice, noisy: bool) -> tuple[torch.Tensor, ...]:
        """What is multiplied for the mean and, if noisy, the variance: float32 [P, I, O], or attenuated [P, 2 I, O]."""
        key = planes.start, planes.stop, rows.start, lines.start, lines.stop
        if self._unpacked is not None and key in self._unpacked:
            return self._unpacked[key]
        matrices = self.matrices((planes, 0, rows, lines), noisy=noisy)
        terms = 1 + self.attenuated
        operands = tuple(_side_by_side(matrices[first : first + terms], 1) for first in range(0, len(matrices), terms))
        if self._unpacked is not None:
            self._unpacked[key] = operands
        return operands


def sum_of_products(rows: Iterable[torch.Tensor], matrices: Iterable[torch.Tensor]) -> torch.Tensor:
    """sum_k rows_k matrices_k, each [..., I] times [I, O]."""
    first, *others = (x @ matrix for x, matrix in zip(rows, matrices, strict=True))
    return sum(others, first)


def _side_by_side(tensors: tuple[torch.Tensor, ...], axis: int) -> torch.Tensor:
    return torch.cat(tensors, axis) if len(tensors) > 1 else tensors[0]


FEW_VECTORS = 16
"""Products with so many are bound by reading the cells, not by the cache of their results: wide blocks are faster."""


@dataclass(frozen=True, kw_only=True)
class _Block:
    """How much is computed at once.

    On a CPU, blocks fit the cache of a core and are small compared with the output; on a GPU, launches are large and
    few.
    """

    planes: int
    vectors: int
    """Of each sequence."""
    columns: int

    @classmethod
    def of(cls, out: torch.Tensor, planes: int) -> "_Block":
        """The block that fits the caches of a CPU, or keeps a GPU busy, for an output [sequences, vectors, columns]."""
        sequences, vectors, columns = out.shape
        on_cpu = out.device.type == "cpu"
        share = out.numel() // 4
        budget = min(1 << 18, max(1 << 16, share)) if on_cpu else max(1 << 20, share)
        if on_cpu and sequences * vectors > FEW_VECTORS:
            columns = min(columns, 256)
        vectors = min(vectors, max(1, budget // (columns * sequences)))
        planes = min(planes, max(1, budget // (columns * sequences * vectors)))
        return cls(planes=planes, vectors=vectors, columns=columns)
