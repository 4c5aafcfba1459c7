"""Programmed pairs of lines, and how they are read: one product for the mean, one more for the noise variance.

Shapes: S sequences (first axis of the input), N vectors of each, I inputs (rows), O outputs (columns), P planes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

import torch
from torch import nn

from memristor_sim.clipping import ClipCounter
from memristor_sim.converters import digitise_, line_tables, to_levels_
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Converters, Hardware, ReadNoise
from memristor_sim.mapping import Mapping, slices
from memristor_sim.noise_draws import NormalStream


class Crossbar(nn.Module):
    """States of all arrays of one integer matrix, with their converters.

    :ivar r_plus, r_minus: float16 [P, groups, I, O]. Rounding to float16 adds less than 1e-4 to the variance of a
        state (test_state_law.py) and halves what a device weighs.
    :ivar mapping_text: what the states are states of, as bytes; checked when they are loaded.
    :ivar clipping: a counter while clip rates are recorded, else None.
    """

    def __init__(self, mapping: Mapping, *, converters: Converters, hardware: Hardware, name: str):
        super().__init__()
        self.mapping, self.dac, self.adc, self.name = mapping, converters.dac, converters.adc, name
        self.read_noise: ReadNoise | None = hardware.read_noise
        # A digit step of a cell pair is 1/(levels-1) of its full current.
        self.steps_per_ampere = hardware.value_per_ampere * 2**self.adc.precision_bits * (mapping.levels - 1)
        self.clipping: ClipCounter | None = None
        self.register_buffer("r_plus", torch.zeros(mapping.shape, dtype=torch.float16))
        self.register_buffer("r_minus", torch.zeros(mapping.shape, dtype=torch.float16))
        self.register_buffer("mapping_text", torch.tensor(list(mapping.text().encode()), dtype=torch.uint8))

    @property
    def shares_noise(self) -> bool:
        return self.read_noise is not None and self.read_noise.shared_over_batch

    def dac_levels(self, x: torch.Tensor, full_scale: torch.Tensor | float) -> torch.Tensor:
        """Rows of the tables of converters.line_tables that `x` selects, int32 of its shape.

        :param full_scale: the input that drives full scale.
        :raises MemristorError: NaN or infinity in `x`.
        """
        self._require_finite(x)
        scaled = x.float() / full_scale
        if self.clipping is not None:
            self.clipping.count_dac(scaled, self.dac)
        return to_levels_(scaled, self.dac)

    def line_functions(self, levels: torch.Tensor) -> list[torch.Tensor]:
        """The tables at the DAC levels, each float32 of their shape."""
        tables = line_tables(self.dac, self.read_noise, self.steps_per_ampere)
        tables = [torch.from_numpy(table).to(levels.device, torch.float32) for table in tables]
        return [table.index_select(0, levels.flatten()).view(levels.shape) for table in tables]

    def _require_finite(self, x: torch.Tensor) -> None:
        # The extremes tell in one pass, where torch.isfinite takes five and ten times as long.
        if x.numel() and not bool(torch.isfinite(torch.stack(torch.aminmax(x))).all()):
            place = tuple(torch.nonzero(~torch.isfinite(x))[0].tolist())
            raise MemristorError(
                f"The input of crossbar layer {self.name!r} is {x[place].item()} at index {place}: feed finite numbers."
            )

    def digitise_(
        self, mean: torch.Tensor, variance: torch.Tensor | None = None, normals: NormalStream | None = None
    ) -> torch.Tensor:
        """Add read noise to currents in ADC steps and convert, in place.

        :param mean: [P, S, ...], like `variance`.
        """
        if variance is not None:
            planes, sequences, *rest = mean.shape
            noise = normals.draw((planes, 1 if self.shares_noise else sequences, *rest))
            mean.addcmul_(variance.clamp_(min=0).sqrt_(), noise)
        if self.clipping is not None:
            self.clipping.count_adc(mean, self.adc)
        return digitise_(mean, self.adc)

    def extra_repr(self) -> str:
        return self.mapping.text()

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs):
        found = state_dict.get(prefix + "mapping_text")
        if found is None:
            raise MemristorError(
                f"The state_dict has no programmed states for layer {self.name!r}: it is of a model that was not "
                "programmed, so program that one."
            )
        text = bytes(found.tolist()).decode()
        if text != self.mapping.text():
            raise MemristorError(
                f"The state_dict of layer {self.name!r} was programmed with another mapping ({text}) than this "
                f"model's ({self.mapping.text()}): prepare the model with the hardware that it was programmed for."
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


class LinearCrossbar(Crossbar):
    """A matrix product; the mapping has one group."""

    _unpacked: dict | None = None

    @contextmanager
    def unpacked(self) -> Iterator[None]:
        """Within the context, states in the form that products need are kept: for many reads of few vectors."""
        self._unpacked = {}
        try:
            yield
        finally:
            self._unpacked = None

    def forward(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """:param x: [..., I]; `full_scale` drives full scale.

        :return: [..., O] float32, one weight step at full scale being 1.
        """
        sequences = x.shape[0] if self.shares_noise and x.dim() > 1 else 1
        levels = self.dac_levels(x.reshape(sequences, -1, x.shape[-1]), full_scale)
        out = torch.zeros(*levels.shape[:2], self.mapping.columns, device=x.device)
        if out.numel():
            normals = NormalStream(x.device) if self.read_noise is not None else None
            for rows in self.mapping.row_slices():
                self._add_tile_row_(out, levels[..., rows], rows, normals)
        return out.mul_(2.0**-self.adc.precision_bits).view(*x.shape[:-1], self.mapping.columns)

    def _add_tile_row_(self, out: torch.Tensor, levels: torch.Tensor, rows: slice, normals: NormalStream | None):
        noisy = normals is not None
        sequences, vectors, columns = out.shape
        block = _Block.of(out, self.mapping.planes)
        some_vectors = slices(vectors, block.vectors)
        inputs = [self.line_functions(levels[:, some].flatten(0, 1)[None]) for some in some_vectors]  # [1, S * n, I]
        offsets = [some[1].sum(-1, keepdim=True) for some in inputs] if noisy else []
        size = block.planes * sequences * block.vectors * block.columns
        scratch = torch.empty(2 if noisy else 1, size, device=out.device)
        for lines in slices(columns, block.columns):
            for planes in slices(self.mapping.planes, block.planes):
                difference, total = self._operands(planes, rows, lines, noisy)
                for i, some in enumerate(some_vectors):
                    size = planes.stop - planes.start, sequences, some.stop - some.start, lines.stop - lines.start
                    mean, *variance = (memory[: prod(size)].view(size) for memory in scratch)
                    torch.bmm(inputs[i][0].expand(size[0], -1, -1), difference, out=mean.flatten(1, 2))
                    if noisy:
                        slope = inputs[i][2].expand(size[0], -1, -1)
                        torch.baddbmm(offsets[i], slope, total, alpha=-1, out=variance[0].flatten(1, 2))
                        variance.append(normals)
                    digits = self.digitise_(mean, *variance)
                    for weight, values in zip(self.mapping.plane_weights[planes], digits, strict=True):
                        out[:, some, lines].add_(values, alpha=weight)

    def _operands(self, planes: slice, rows: slice, lines: slice, noisy: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """r- - r+ of some cells and, if noisy, r- + r+, float32 [P, I, O]."""
        key = planes.start, rows.start, lines.start
        if self._unpacked is not None and key in self._unpacked:
            return self._unpacked[key]
        minus, plus = (states[planes, 0, rows, lines].float() for states in (self.r_minus, self.r_plus))
        total = minus + plus if noisy else None
        operands = minus.sub_(plus), total
        if self._unpacked is not None:
            self._unpacked[key] = operands
        return operands


@dataclass(frozen=True, kw_only=True)
class _Block:
    """How much is computed at once: planes, vectors of each sequence, columns.

    Blocks stay in the cache of a CPU core and small beside the output; elsewhere launches should be large and few.
    """

    planes: int
    vectors: int
    columns: int

    @classmethod
    def of(cls, out: torch.Tensor, planes: int) -> "_Block":
        sequences, vectors, columns = out.shape
        on_cpu = out.device.type == "cpu"
        share = out.numel() // 4
        budget = min(1 << 18, max(1 << 16, share)) if on_cpu else max(1 << 20, share)
        columns = min(columns, 256) if on_cpu else columns
        vectors = min(vectors, max(1, budget // (columns * sequences)))
        planes = min(planes, max(1, budget // (columns * sequences * vectors)))
        return cls(planes=planes, vectors=vectors, columns=columns)
