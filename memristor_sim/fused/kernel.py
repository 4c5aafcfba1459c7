"""The compiled steps of read_out.c for tensors."""

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from memristor_sim.components import Adc
from memristor_sim.fused.build import SOURCE, library

_POINTER, _SIZE, _VALUE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float
_GENERATOR_OF = ctypes.pythonapi.PyCapsule_GetPointer
_GENERATOR_OF.restype, _GENERATOR_OF.argtypes = _POINTER, (ctypes.py_object, ctypes.c_char_p)


@dataclass(frozen=True)
class Kernel:
    """The functions of a library that was compiled from read_out.c."""

    functions: ctypes.CDLL

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
    functions.accumulate.restype = _SIZE
    strides, weights_and_range = (_SIZE, _SIZE), (_POINTER, _VALUE, _VALUE)
    currents, noise_and_gain = (_POINTER, _POINTER), (_POINTER, _SIZE, _POINTER)
    functions.accumulate.argtypes = (
        _POINTER, *strides, *currents, *noise_and_gain, *weights_and_range, *(_SIZE,) * 4
    )  # fmt: skip
    functions.draw.restype, functions.draw.argtypes = None, (*(_POINTER,) * 3, _SIZE)
    found = Kernel(functions)
    return found if functions.usable() and _rounds_as_torch(found) else None


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
