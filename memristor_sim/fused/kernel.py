"""The compiled steps of read_out.c for tensors."""

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from memristor_sim.components import Adc, Dac
from memristor_sim.correct_sqrt import correct_sqrt_
from memristor_sim.fused.build import SOURCE, library

_POINTER, _SIZE, _VALUE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float
_GENERATOR_OF = ctypes.pythonapi.PyCapsule_GetPointer
_GENERATOR_OF.restype, _GENERATOR_OF.argtypes = _POINTER, (ctypes.py_object, ctypes.c_char_p)

PANEL = 16
"""Columns of a panel, as in read_out.c."""
MOST_INPUTS = 128
"""Of a product that is compared with torch's when the library is loaded; torch cuts longer sums into parts."""
FEW_VECTORS = 16
"""Up to so many, torch has ways of its own for products, which are faster and sum in another order."""


def panels(cells: torch.Tensor) -> torch.Tensor:
    """Matrices as Kernel.read_out_ takes them.

    :param cells: [P, T, I, O].
    :return: [P, C, T, I, PANEL], the last panel filled up with zeros.
    """
    planes, terms, inputs, columns = cells.shape
    filled = functional.pad(cells, (0, -columns % PANEL)) if columns % PANEL else cells
    return filled.view(planes, terms, inputs, -1, PANEL).permute(0, 3, 1, 2, 4).contiguous()


@dataclass(frozen=True)
class Kernel:
    """The functions of a library that was compiled from read_out.c."""

    functions: ctypes.CDLL
    multiplies: bool = False
    """Whether its products are those of torch bit by bit, and at least as fast on one thread."""

    def accumulate_(
        self,
        out: torch.Tensor,
        mean: torch.Tensor,
        variance: torch.Tensor | None = None,
        noise: torch.Tensor | None = None,
        *,
        gain: torch.Tensor | None,
        weights: list[float],
        adc: Adc,
    ) -> int:
        """Add to `out` the digital sum over planes of what the ADCs make of currents in ADC steps.

        All tensors are float32 on the CPU, contiguous but for `out`, whose rows are.

        :param out: [S, n, O].
        :param mean: [P, S, n, O].
        :param variance: like `mean`; None without noise.
        :param noise: standard normal draws, [P, S or 1, n, O].
        :param gain: [P, O]: before the ADC, and divided out after it; None for 1.
        :param weights: of the planes.
        :return: how many conversions clip.
        """
        planes, sequences, vectors, columns = mean.shape
        return self.functions.accumulate(
            out.data_ptr(),
            *out.stride()[:2],
            mean.data_ptr(),
            _address(variance),
            _address(noise),
            1 if noise is None else noise.shape[1],
            _address(gain),
            (_VALUE * planes)(*weights),
            adc.lowest,
            adc.highest,
            planes,
            sequences,
            vectors,
            columns,
        )

    def read_out_(
        self,
        out: torch.Tensor,
        inputs: tuple[torch.Tensor, ...],
        cells: tuple[torch.Tensor, ...],
        noise: torch.Tensor | None = None,
        *,
        gain: torch.Tensor | None,
        weights: list[float],
        adc: Adc,
    ) -> int:
        """`accumulate_` of products that are never written down; on one thread.

        All tensors are float32 on the CPU, contiguous but for `out`, drives and slopes, whose rows are.

        :param out: [S, n, O]; R = S * n is at least 6.
        :param inputs: drives [T, R, I]; with noise also slopes, like drives with the same strides, and offset [R]. The
            mean is the sum of the T products with the first of `cells`, the variance is the offset minus the sum of
            those with the second.
        :param cells: `panels` of P planes for the mean, and with noise for the variance.
        :param noise: standard normal draws, [P, S or 1, n, O].
        :param gain: as in `accumulate_`.
        :param weights: of the planes.
        :return: how many conversions clip.
        """
        sequences, vectors, columns = out.shape
        drives, slopes, offset = inputs if noise is not None else (inputs[0], None, None)
        mean, totals = cells if noise is not None else (cells[0], None)
        return self.functions.read_out(
            out.data_ptr(),
            *out.stride()[:2],
            drives.data_ptr(),
            _address(slopes),
            *drives.stride()[:2],
            mean.data_ptr(),
            _address(totals),
            _address(offset),
            _address(noise),
            1 if noise is None else noise.shape[1],
            _address(gain),
            (_VALUE * len(weights))(*weights),
            adc.lowest,
            adc.highest,
            len(drives),
            drives.shape[-1],
            len(weights),
            sequences,
            vectors,
            columns,
        )

    def dac_levels(self, x: torch.Tensor, full_scale: float, dac: Dac) -> tuple[torch.Tensor, int]:
        """Levels of the DAC, the lowest being 0, and how many inputs clip.

        :param x: float32 on the CPU, contiguous.
        :param full_scale: the input that drives full scale.
        :return: int32, the shape of `x`.
        """
        levels = torch.empty(x.shape, dtype=torch.int32, device="cpu")
        clipped = self.functions.dac_levels(
            levels.data_ptr(), x.data_ptr(), full_scale, 2 ** (dac.bits - 1), dac.lowest, dac.highest, x.numel()
        )
        return levels, clipped

    def draw(self, bits: np.random.BitGenerator, table: torch.Tensor, count: int) -> torch.Tensor:
        """Values of a table at sixteen random bits each, four per word of the generator.

        :param table: float32 [65536], on the CPU.
        :return: float32 [count].
        """
        values = torch.empty(count, dtype=torch.float32, device="cpu")
        generator = _GENERATOR_OF(bits.capsule, b"BitGenerator")
        self.functions.draw(generator, table.data_ptr(), values.data_ptr(), count)
        return values


def _address(tensor: torch.Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


@cache
def kernel() -> Kernel | None:
    """The kernel of this environment; None where it was not built or does not compute what torch computes."""
    return loaded(library()) if SOURCE.exists() else None


def loaded(path: Path) -> Kernel | None:
    """The kernel of a library; None if there is none for this processor, or if it rounds otherwise than torch.

    Torch rounds a product and its sum once in `addcmul_` and `add_`, but not on every processor.
    """
    try:
        functions = ctypes.CDLL(str(path))
    except OSError:
        return None
    strides, weights_and_range = (_SIZE, _SIZE), (_POINTER, _VALUE, _VALUE)
    noise_and_gain = (_POINTER, _SIZE, _POINTER)
    functions.accumulate.restype = functions.read_out.restype = _SIZE
    functions.accumulate.argtypes = (
        _POINTER, *strides, *(_POINTER,) * 2, *noise_and_gain, *weights_and_range, *(_SIZE,) * 4
    )  # fmt: skip
    inputs_and_cells = (_POINTER, _POINTER, *strides, *(_POINTER,) * 3)
    functions.read_out.argtypes = (
        _POINTER, *strides, *inputs_and_cells, *noise_and_gain, *weights_and_range, *(_SIZE,) * 6
    )  # fmt: skip
    functions.dac_levels.restype = _SIZE
    functions.dac_levels.argtypes = (_POINTER, _POINTER, *(_VALUE,) * 4, _SIZE)
    functions.draw.restype, functions.draw.argtypes = None, (*(_POINTER,) * 3, _SIZE)
    found = Kernel(functions)
    if not (functions.usable() and _rounds_as_torch(found)):
        return None
    return Kernel(functions, multiplies=bool(functions.multiplies()) and _multiplies_as_torch(found))


def _rounds_as_torch(one: Kernel) -> bool:
    """Whether the noise and the sums of planes are those of torch, for values that another rounding would change."""
    stream = np.random.Generator(np.random.SFC64(0))
    out, currents, noise = (torch.from_numpy(stream.standard_normal((1, 33, 41), np.float32)) for _ in range(3))
    mean, variance = (currents * 2.0**21)[None], (currents * 2.0**21)[None].square()
    weight, adc = 0.3, Adc(precision_bits=17, range_bits=7)
    digits = mean[0].addcmul(variance[0].sqrt(), noise).round_().clamp_(adc.lowest, adc.highest)
    wanted = out.add(digits, alpha=weight)
    one.accumulate_(out, mean, variance, noise[None], gain=None, weights=[weight], adc=adc)
    return torch.equal(out, wanted)


def _multiplies_as_torch(one: Kernel) -> bool:
    """Whether the products of a tile are those of torch, for values that another order of the sums would change."""
    stream = np.random.Generator(np.random.SFC64(0))
    shapes = (1, 200, MOST_INPUTS), (1, 1, MOST_INPUTS, 256), (1, 200, 256)
    x, cells, noise = (torch.from_numpy(stream.standard_normal(shape, np.float32)) for shape in shapes)
    drives, slopes, offset = x * 2.0**17, x * 2.0**30, torch.full((1, 200, 1), 2.0**40)
    mean, variance = torch.bmm(drives, cells[0]), torch.baddbmm(offset, slopes, cells[0], alpha=-1)
    adc = Adc(precision_bits=17, range_bits=7)
    wanted = mean.addcmul(correct_sqrt_(variance), noise).round_().clamp_(adc.lowest, adc.highest)
    found = torch.zeros(1, 200, 256)
    of_lines, of_cells = (drives, slopes, offset), (panels(cells),) * 2
    one.read_out_(found, of_lines, of_cells, noise[None], gain=None, weights=[1.0], adc=adc)
    return torch.equal(found, wanted)
