"""Programmed pairs of lines and their read-out: one product for the mean, one more for the noise variance.

Shapes: S sequences (first axis of the input), N vectors of each, I inputs (rows), O outputs (columns), P planes.
"""

import warnings
from abc import abstractmethod
from math import isfinite, prod
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch

from memristor_sim.adc_samples import AdcSamples
from memristor_sim.array_states import ArrayStates
from memristor_sim.clip_counter import ClipCounter
from memristor_sim.components import Converters, ReadNoise
from memristor_sim.converters import digitise_, line_tables, to_levels_
from memristor_sim.correct_sqrt import correct_sqrt_
from memristor_sim.errors import MemristorError, MemristorWarning
from memristor_sim.fused.kernel import Kernel, kernel
from memristor_sim.gradients import StraightThrough
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import Mapping
from memristor_sim.noise_draws import NormalStream
from memristor_sim.tracing import traced

Functions = TypeVar("Functions", tuple[torch.Tensor, ...], torch.Tensor)
"""Functions of the lines, one after the other."""


class Place(NamedTuple):
    """Which conversions."""

    planes: slice
    tile: int
    """Of the rows."""
    lines: slice
    """The columns."""


class Crossbar(ArrayStates):
    """The arrays of one integer matrix with their converters."""

    tables: torch.Tensor
    """converters.line_tables, float32 [tables, levels]. No part of a state."""
    checks_inputs: bool = True
    """Whether NaN and infinity in inputs are looked for; never while a graph is traced."""
    clipping: ClipCounter | None = None
    """A counter while clip rates are recorded."""
    kernel: tuple[int, ...] = ()
    """Of a convolution: size along each axis."""
    adc_gain: torch.Tensor | None
    """[planes, tiles along rows, tiles along columns]: what amplifies currents before the ADC and is divided out after
    it, if ranges are calibrated."""
    samples: AdcSamples | None = None
    """Takes the currents while ADC ranges are calibrated; nothing is digitised then."""

    def __init__(self, mapping: Mapping, *, converters: Converters, hardware: Hardware, name: str):
        """With empty states.

        :param name: of the layer, for messages.
        """
        super().__init__(mapping, attenuated=hardware.attenuates, name=name)
        self.dac, self.adc = converters.dac, converters.adc
        self.cell, self.law = hardware.cell, hardware.law
        self.read_noise: ReadNoise | None = hardware.noise_at_reading
        # A digit step of a cell pair is 1/(levels-1) of its full current.
        value_per_ampere = hardware.output_per_ampere(self.dac.full_scale_v)
        self.step_value = 2.0**-self.adc.precision_bits * hardware.digital_gain
        self.steps_per_ampere = value_per_ampere * 2**self.adc.precision_bits * (mapping.levels - 1)
        tables = np.stack(self._line_tables(self.read_noise))
        self.register_buffer("tables", torch.from_numpy(tables).float(), persistent=False)
        self.register_buffer("adc_gain", None if hardware.quantisation.adc is None else self.unit_gain())
        self._register_state_dict_hook(_note_converters)

    def unit_gain(self) -> torch.Tensor:
        """An `adc_gain` that changes nothing."""
        mapping = self.mapping
        tiles = mapping.planes, len(mapping.row_slices()), len(mapping.column_slices())
        return torch.ones(tiles, device=self.r_plus.device)

    def _line_tables(self, noise: ReadNoise | None) -> tuple[np.ndarray, ...]:
        return line_tables(self.law, self.dac, noise, self.steps_per_ampere, self.attenuated)

    def effective_weight(self) -> torch.Tensor:
        """What the cells compute on average, in integer weight steps: float32 [groups, I, O].

        The line between input and output of a pair of cells that is closest, in the sense of least squares over the
        levels of the DAC.
        """
        drives, inputs = self._drives()
        sums = zip(drives, self.digital_sums(), strict=True)
        first, *others = (total.mul_(float(drive @ inputs / (inputs @ inputs))) for drive, total in sums)
        return sum(others, first)

    def _drives(self) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        """What each of `digital_sums` is multiplied with at each DAC level, in weight steps, and the levels' inputs."""
        tables = self._line_tables(None)
        inputs = np.arange(self.dac.lowest, self.dac.highest + 1) / 2 ** (self.dac.bits - 1)
        return tuple(table * self.step_value for table in tables), inputs

    def split(self, functions: Functions) -> tuple[Functions, Functions, Functions]:
        """Of what `line_functions` gives, in the order of `matrices`: for the mean, offset, and slopes of the variance.

        Without noise there are no offset and slopes; if currents are attenuated, there is no offset.
        """
        if self.attenuated:
            return functions[:2], functions[:0], functions[2:]
        return functions[:1], functions[1:2], functions[2:]

    def input_slopes(self, x: torch.Tensor, full_scale: torch.Tensor | float) -> tuple[torch.Tensor, ...]:
        """Derivatives of what `digital_sums` are multiplied with, in weight steps; 0 beyond the range of the DAC.

        :return: each float32, the shape of `x`.
        """
        drives, inputs = self._drives()
        steps = x.float() / full_scale * 2 ** (self.dac.bits - 1)
        inside = (steps >= self.dac.lowest) & (steps <= self.dac.highest)
        levels = to_levels_(x.float() / full_scale, self.dac)
        slopes = (
            torch.from_numpy(np.gradient(drive, inputs, edge_order=2)).to(x.device, torch.float32) for drive in drives
        )
        return tuple(slope[levels].mul_(inside).div_(full_scale) for slope in slopes)

    @abstractmethod
    def read(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """The product with `x`, read out."""

    @abstractmethod
    def exact(self, x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        """What `read` would give if the cells and converters were perfect.

        :param matrix: float32 [groups, I, O] in the place of the cells.
        """

    @abstractmethod
    def transposed_product(self, gradient: torch.Tensor, matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        """What a gradient of the output gives at the input, with a matrix like one of `digital_sums`.

        :param shape: of the input.
        """

    def kept_sums(self) -> dict[str, tuple[torch.Tensor, ...]]:
        """Where `digital_sums` that several backward passes share are kept."""
        return {}

    def forward(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> torch.Tensor:
        """`read`, with gradients of `x` (StraightThrough)."""
        if torch.is_grad_enabled() and x.requires_grad:
            return StraightThrough.apply(x, full_scale, self)
        return self.read(x, full_scale)

    @property
    def shares_noise(self) -> bool:
        """Whether all sequences of a batch get the same noise."""
        return self.read_noise is not None and self.read_noise.shared_over_batch

    def dac_levels(self, x: torch.Tensor, full_scale: torch.Tensor | float) -> torch.Tensor:
        """Rows of the tables of converters.line_tables.

        :param x: inputs of any shape.
        :param full_scale: the input that drives full scale.
        :return: int32, same shape.
        :raises MemristorError: NaN or infinity in `x`.
        """
        self.require_programmed()
        if self.checks_inputs and not traced():
            self._require_finite(x)
        compiled = self.compiled(x)
        if compiled is not None and (not isinstance(full_scale, torch.Tensor) or full_scale.numel() == 1):
            levels, clipped = compiled.dac_levels(x.contiguous(), float(full_scale), self.dac)
            if self.clipping is not None:
                self.clipping.add_dac(x.numel(), clipped)
            return levels
        scaled = x.float() / full_scale
        if self.clipping is not None:
            self.clipping.count_dac(scaled, self.dac)
        return to_levels_(scaled, self.dac)

    def line_functions(self, levels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The tables of converters.line_tables at the DAC levels.

        :return: each float32 of the shape of `levels`.
        """
        return tuple(table.index_select(0, levels.flatten()).view(levels.shape) for table in self.tables)

    def _require_finite(self, x: torch.Tensor) -> None:
        # One pass over the extremes; torch.isfinite takes five passes and ten times as long.
        if x.numel() and not all(map(isfinite, torch.stack(torch.aminmax(x)).tolist())):
            place = tuple(torch.nonzero(~torch.isfinite(x))[0].tolist())
            raise MemristorError(
                f"The input of crossbar layer {self.name!r} is {x[place].item()} at index {place}: feed finite numbers."
            )

    def compiled(self, tensor: torch.Tensor) -> Kernel | None:
        """What computes `dac_levels` of this input, or `accumulate_` for this output, in one pass; None where torch
        operations do."""
        plain = type(tensor) is torch.Tensor and tensor.device.type == "cpu" and tensor.dtype == torch.float32
        return kernel() if plain and not traced() and self.samples is None else None

    def accumulate_(
        self,
        out: torch.Tensor,
        currents: list[torch.Tensor],
        normals: NormalStream | None,
        place: Place,
        compiled: Kernel | None,
    ) -> None:
        """Add to `out` the digital sum over planes of what the ADCs make of currents.

        :param out: [S, vectors or groups, O, *axes].
        :param currents: mean and, with noise, variance in ADC steps, each [P, *out.shape]; overwritten.
        :param normals: draws for the noise; None without it.
        :param compiled: as `compiled` gives it.
        """
        if compiled is None:
            if normals is not None:
                self.add_noise_(currents[0], currents[1], normals)
            digits = self.digitise_(currents[0], *place)
            for weight, values in zip(self.mapping.plane_weights[place.planes], digits, strict=True):
                out.add_(values, alpha=weight)
            return
        draws = () if normals is None else (self._draws(currents[0].shape, normals),)
        rows, gain = [*currents, *draws], self._gain(*place)
        weights = self.mapping.plane_weights[place.planes]
        if out.dim() > 3:
            gain = None if gain is None else gain.repeat_interleave(prod(out.shape[3:]), 1)
            rows = [one.contiguous().flatten(3) for one in rows]
            out = out.view(rows[0].shape[1:])
        clipped = compiled.accumulate_(out, *rows, gain=gain, weights=weights, adc=self.adc)
        if self.clipping is not None:
            self.clipping.add_adc(currents[0].numel(), clipped)

    def read_out_(
        self,
        out: torch.Tensor,
        inputs: tuple[torch.Tensor, ...],
        cells: tuple[torch.Tensor, ...],
        normals: NormalStream | None,
        place: Place,
        compiled: Kernel,
    ) -> None:
        """`accumulate_` of the products of `inputs` and `cells`, which are as Kernel.read_out_ takes them.

        :param out: [S, n, O].
        """
        weights = self.mapping.plane_weights[place.planes]
        noise = None if normals is None else self._draws(torch.Size((len(weights), *out.shape)), normals)
        clipped = compiled.read_out_(out, inputs, cells, noise, gain=self._gain(*place), weights=weights, adc=self.adc)
        if self.clipping is not None:
            self.clipping.add_adc(len(weights) * out.numel(), clipped)

    def add_noise_(self, mean: torch.Tensor, variance: torch.Tensor, normals: NormalStream) -> None:
        """Add read noise to currents in ADC steps, in place.

        :param mean, variance: [P, S, ...]; `variance` is overwritten.
        """
        mean.addcmul_(correct_sqrt_(variance.clamp_(min=0)), self._draws(mean.shape, normals))

    def _draws(self, shape: torch.Size, normals: NormalStream) -> torch.Tensor:
        """[P, S or 1, ...] for the noise of currents [P, S, ...]."""
        planes, sequences, *rest = shape
        return normals.draw((planes, 1 if self.shares_noise else sequences, *rest))

    def digitise_(self, mean: torch.Tensor, planes: slice, tile: int, lines: slice) -> torch.Tensor:
        """Convert currents in ADC steps, in place.

        :param mean: [P, S, vectors or groups, O, *axes].
        :param tile: of the rows.
        :param lines: the columns.
        """
        if self.samples is not None:
            self.samples.see(mean, planes, tile, lines)
            return mean
        gain = self._gain(planes, tile, lines)
        if gain is None:
            return self._counted_and_digitised_(mean)
        gain = gain.view(len(mean), 1, 1, -1, *[1] * (mean.dim() - 4))
        return self._counted_and_digitised_(mean.mul_(gain)).div_(gain)

    def _gain(self, planes: slice, tile: int, lines: slice) -> torch.Tensor | None:
        """What amplifies the currents: float32 [P, O]; None for nothing."""
        if self.adc_gain is None:
            return None
        column = torch.arange(lines.start, lines.stop, device=self.adc_gain.device) // self.mapping.tile_columns
        return self.adc_gain[planes, tile][:, column].float()

    def _counted_and_digitised_(self, steps: torch.Tensor) -> torch.Tensor:
        if self.clipping is not None:
            self.clipping.count_adc(steps, self.adc)
        return digitise_(steps, self.adc)

    def converters_text(self) -> str:
        """The converters, as the metadata of a state_dict has them."""
        return f"{self.dac}, {self.adc}"

    def _load_from_state_dict(
        self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any, **kwargs: Any
    ) -> None:
        gain = state_dict.get(prefix + "adc_gain")
        if gain is not None and self.adc_gain is None:
            self.adc_gain = self.unit_gain()  # ranges that were fitted after programming
        converters = local_metadata.get("converters", self.converters_text())
        if converters != self.converters_text():
            warnings.warn(
                f"The state_dict of layer {self.name!r} was saved with other converters ({converters}) than this "
                f"model's ({self.converters_text()}), which are used.",
                MemristorWarning,
                stacklevel=2,
            )
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args, **kwargs)


def _note_converters(crossbar: Crossbar, _state_dict: dict, _prefix: str, local_metadata: dict) -> None:
    local_metadata["converters"] = crossbar.converters_text()
