"""States of crossbars in the form that products need, kept between reads while those of a process fit a budget.

States are float16, products need float32 sums and differences of them: without read noise as many bytes again, with it
twice as many. What does not fit is unpacked at each read, as everything is on other devices than the CPU. What was kept
first stays, so that a model larger than the budget gains by the part of it that fits.
"""

import weakref
from dataclasses import dataclass

import torch

from memristor_sim.errors import MemristorError

Operands = tuple[torch.Tensor, ...]
Found = dict[tuple[int, ...], Operands]
"""Operands of all planes by tile row, first and last column, and whether they have those of the noise."""


@dataclass
class _Memory:
    limit_bytes: int = 1 << 28
    taken_bytes: int = 0


_PROCESS = _Memory()


def set_operand_budget(limit_bytes: int) -> None:
    """Let the crossbars of this process keep so much beside their states, 256 MiB unless this is called; 0 for nothing.

    What they have kept by then stays until its crossbar is gone or written anew.

    :raises MemristorError: when it is no whole number from 0 on.
    """
    if not isinstance(limit_bytes, int) or isinstance(limit_bytes, bool) or limit_bytes < 0:
        raise MemristorError(f"The operand budget is {limit_bytes!r}: give a whole number of bytes, 0 for none.")
    _PROCESS.limit_bytes = limit_bytes


class KeptOperands:
    """What one crossbar keeps. Its copies and pickles are empty."""

    def __init__(self) -> None:
        self._states: tuple[tuple[weakref.ref[torch.Tensor], int], ...] = ()
        self._operands: Found = {}
        self._memory, self._taken_bytes = _PROCESS, 0

    def of(self, states: tuple[torch.Tensor, ...]) -> Found | None:
        """What was made of these states, nothing if they were replaced or written since; None if nothing can be kept.

        :param states: of one device; inference tensors do not tell when they are written.
        """
        if any(one.device.type != "cpu" or one.is_inference() for one in states):
            self._clear()
            return None
        if not self._are_known(states):
            self._clear()
            self._states = tuple((weakref.ref(one), one._version) for one in states)
        return self._operands

    def _are_known(self, states: tuple[torch.Tensor, ...]) -> bool:
        if len(states) != len(self._states):
            return False
        known = zip(states, self._states, strict=True)
        return all(one is seen() and one._version == version for one, (seen, version) in known)

    def has_room(self, more_bytes: int) -> bool:
        """Whether operands of this size can be kept, made of the states that `of` was last asked for."""
        return bool(self._states) and self._memory.taken_bytes + more_bytes <= self._memory.limit_bytes

    def keep(self, key: tuple[int, ...], operands: Operands) -> None:
        """Add some, made of these states."""
        self._operands[key] = operands
        size = sum(4 * one.numel() for one in operands)
        self._taken_bytes += size
        self._memory.taken_bytes += size

    def _clear(self) -> None:
        self._memory.taken_bytes -= self._taken_bytes
        self._operands, self._states, self._taken_bytes = {}, (), 0

    def __del__(self) -> None:
        self._clear()

    def __reduce__(self) -> tuple:
        return KeptOperands, ()
