"""The read-out of a matrix: products over tiles and planes, in blocks that fit the caches.

Shapes as in crossbar.py.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

import torch

from memristor_sim.crossbar import Crossbar, Place
from memristor_sim.fused.kernel import FEW_VECTORS, MOST_INPUTS, PANEL, Kernel, panels
from memristor_sim.kept_operands import Found, KeptOperands, Operands
from memristor_sim.mapping import slices
from memristor_sim.noise_draws import NormalStream
from memristor_sim.tracing import traced


class LinearCrossbar(Crossbar):
    """A matrix product; the mapping has one group."""

    _kept: KeptOperands | None = None
    _unpacked: Found | None = None
    _sums: dict[str, tuple[torch.Tensor, ...]] | None = None
    _stream: NormalStream | None = None

    @contextmanager
    def unpacked(self) -> Iterator[None]:
        """Within the context, keep what many reads of few vectors share: the states in the form that products need, and
        one stream of read noise."""
        self._unpacked, self._sums = dict(self._kept_now() or {}), {}
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
            self.add_read_out_(out, levels, self._normals(x.device))
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

    def add_read_out_(self, out: torch.Tensor, levels: torch.Tensor, normals: NormalStream | None) -> None:
        """Add the product with DAC levels in ADC steps.

        :param out: [S, n, O].
        :param levels: [S, n, I].
        :param normals: draws for the noise; None without it.
        """
        sequences, vectors, columns = out.shape
        noisy, compiled = normals is not None, self.compiled(out)
        most_rows = min(self.mapping.tile_rows, self.mapping.rows)
        block = _Block.of(out, self.mapping.planes, whole=not noisy and _multiplies(compiled, out, most_rows))
        some_vectors = slices(vectors, block.vectors)
        inputs = [self._inputs(levels[:, some]) for some in some_vectors]
        scratch = _Scratch(block, sequences, noisy=noisy, device=out.device)
        found = self._kept_now() if self._unpacked is None else self._unpacked
        for tile, rows in enumerate(self.mapping.row_slices()):
            of_rows = [_of_rows(line, rows) for line in inputs]
            for lines in slices(columns, block.columns):
                parts = [out[:, some, lines] for some in some_vectors]
                fused = compiled if all(_multiplies(compiled, part, most_rows) for part in parts) else None
                in_panels = fused is not None
                for planes, cells in self._operands(rows, lines, noisy, found, block.planes, in_panels):
                    place = Place(planes, tile, lines)
                    for part, line in zip(parts, of_rows, strict=True):
                        if fused is not None:
                            self.read_out_(part, line, cells, normals, place, fused)
                        else:
                            currents = scratch.multiplied(line, cells, part.shape)
                            self.accumulate_(part, currents, normals, place, compiled)

    def _inputs(self, levels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Drives [T, S * n, I] at levels [S, n, I]: the mean is a sum of T products, 2 if currents are attenuated.

        With noise also the slopes of the variance, like drives, and its offset, [S * n, I].
        """
        functions = self.tables.index_select(1, levels.flatten()).view(len(self.tables), -1, levels.shape[-1])
        drives, offset, slopes = self.split(functions)
        if not len(slopes):
            return (drives,)
        return drives, slopes, offset[0] if len(offset) else torch.zeros_like(drives[0])

    def _kept_now(self) -> Found | None:
        """What is kept of the present states; None where nothing can be."""
        if self._kept is None:
            self._kept = KeptOperands()
        return self._kept.of((self.r_plus, self.r_minus, *self.attenuation))

    def _operands(
        self, rows: slice, lines: slice, noisy: bool, found: Found | None, planes_at_once: int, in_panels: bool
    ) -> Iterator[tuple[slice, Operands]]:
        """Planes, and what is multiplied for their mean and, if noisy, their variance: float32 [P, T, I, O].

        :param found: operands that are there already, and where more are added.
        :param in_panels: as kernel.panels makes them.
        """
        key = (rows.start, lines.start, lines.stop, noisy, in_panels)
        blocks = slices(self.mapping.planes, planes_at_once)
        if found is not None and key not in found:
            self._add_operands(found, key, rows, lines)
        if found is None or key not in found:
            return ((planes, self._unpack(planes, rows, lines, noisy, in_panels)) for planes in blocks)
        return zip(blocks, zip(*(one.split(planes_at_once) for one in found[key]), strict=True), strict=True)

    def _add_operands(self, found: Found, key: tuple[int, ...], rows: slice, lines: slice) -> None:
        """Unpack those of all planes, if they can be kept, or all reads within `unpacked` share them."""
        *_, noisy, in_panels = map(bool, key)
        columns = lines.stop - lines.start
        columns += -columns % PANEL if in_panels else 0
        size = (rows.stop - rows.start) * columns * (1 + self.attenuated) * (1 + noisy)
        kept = self._kept if self._kept is not None and self._kept.has_room(4 * size * self.mapping.planes) else None
        if kept is not None or self._unpacked is not None:
            found[key] = self._unpack(slice(0, self.mapping.planes), rows, lines, noisy, in_panels)
        if kept is not None:
            kept.keep(key, found[key])

    def _unpack(self, planes: slice, rows: slice, lines: slice, noisy: bool, in_panels: bool) -> Operands:
        matrices = self.matrices((planes, 0, rows, lines), noisy=noisy)
        pairs = zip(matrices[::2], matrices[1::2], strict=True)
        by_term = (torch.stack(pair, 1) for pair in pairs) if self.attenuated else (one[:, None] for one in matrices)
        return tuple(map(panels, by_term) if in_panels else by_term)


def sum_of_products(rows: Iterable[torch.Tensor], matrices: Iterable[torch.Tensor]) -> torch.Tensor:
    """sum_k rows_k matrices_k, each [..., I] times [I, O]."""
    first, *others = (x @ matrix for x, matrix in zip(rows, matrices, strict=True))
    return sum(others, first)


def _of_rows(line: tuple[torch.Tensor, ...], rows: slice) -> tuple[torch.Tensor, ...]:
    """What LinearCrossbar._inputs gives, of some rows; the offset summed over them, [S * n, 1]."""
    drives, *of_noise = line
    if not of_noise:
        return (drives[..., rows],)
    slopes, offset = of_noise
    return drives[..., rows], slopes[..., rows], offset[:, rows].sum(-1, keepdim=True)


def _multiplies(compiled: Kernel | None, out: torch.Tensor, most_rows: int) -> bool:
    """Whether the kernel computes the products of an output [S, n, O] as well, with the sums that torch would give."""
    sequences, vectors, columns = out.shape
    alike = sequences * vectors > FEW_VECTORS and columns >= PANEL and most_rows <= MOST_INPUTS
    return compiled is not None and compiled.multiplies and alike and torch.get_num_threads() == 1


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
    def of(cls, out: torch.Tensor, planes: int, *, whole: bool = False) -> "_Block":
        """The block that fits the caches of a CPU, or keeps a GPU busy, for an output [sequences, vectors, columns].

        :param whole: the kernel cuts it further.
        """
        sequences, vectors, columns = out.shape
        if whole:
            return cls(planes=planes, vectors=vectors, columns=columns)
        on_cpu = out.device.type == "cpu"
        share = out.numel() // 4
        budget = min(1 << 18, max(1 << 16, share)) if on_cpu else max(1 << 20, share)
        if on_cpu and sequences * vectors > FEW_VECTORS:  # few are bound by reading the cells, not by this cache
            columns = min(columns, 256)
        vectors = min(vectors, max(1, budget // (columns * sequences)))
        planes = min(planes, max(1, budget // (columns * sequences * vectors)))
        return cls(planes=planes, vectors=vectors, columns=columns)


class _Scratch:
    """Memory for the currents of one block after the other, from the first on; views are made once per shape."""

    def __init__(self, block: _Block, sequences: int, *, noisy: bool, device: torch.device):
        self._size, self._sequences = block.planes * sequences * block.vectors * block.columns, sequences
        self._noisy, self._device = noisy, device
        self._memory: torch.Tensor | None = None
        self._made: dict[tuple[int, ...], tuple[list[torch.Tensor], list[torch.Tensor]]] = {}

    def multiplied(
        self, line: tuple[torch.Tensor, ...], cells: tuple[torch.Tensor, ...], shape: torch.Size
    ) -> list[torch.Tensor]:
        """Mean currents in ADC steps and, with noise, their variance, each [P, S, n, O]; until the next call.

        :param line: as _of_rows gives it.
        :param cells: as LinearCrossbar._operands gives it, not in panels.
        :param shape: [S, n, O].
        """
        currents, (mean, *variances) = self._views(len(cells[0]), *shape[1:])
        drives, *of_noise = (one.unsqueeze(-3).expand(*one.shape[:-2], len(mean), -1, -1) for one in line)
        for term, drive in enumerate(drives):
            torch.baddbmm(mean, drive, cells[0][:, term], beta=min(term, 1), out=mean)
        for variance in variances:
            slopes, offset = of_noise
            for term, slope in enumerate(slopes):
                torch.baddbmm(variance if term else offset, slope, cells[1][:, term], alpha=-1, out=variance)
        return currents

    def _views(self, planes: int, vectors: int, columns: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Mean and, with noise, variance: each [P, S, n, O], and the same as [P, S * n, O]."""
        shape = planes, self._sequences, vectors, columns
        if self._memory is None:
            self._memory = torch.empty(1 + self._noisy, self._size, device=self._device)
        if shape not in self._made:
            currents = [memory[: prod(shape)].view(shape) for memory in self._memory]
            self._made[shape] = currents, [one.flatten(1, 2) for one in currents]
        return self._made[shape]
