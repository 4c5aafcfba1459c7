"""Averaging checkpoints over their whole state: weights, biases and quantiser ranges (docs/paper.md, Training)."""

import os
from collections.abc import Sequence

import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import read_checkpoint, save_state


def average_checkpoints(paths: Sequence[str | os.PathLike], out_path: str | os.PathLike) -> None:
    """Write the element-wise mean of checkpoints of one model, accumulated in float64.

    Entries that are not floating-point tensors must be equal in all checkpoints and are copied.

    :raises InputError: naming the first entry that differs in name, shape or kind, or a checkpoint that cannot be read
    """
    first, *others = paths
    state = read_checkpoint(first)
    sums = {name: value.double() for name, value in state.items() if _is_float(value)}
    for path in others:
        other = read_checkpoint(path)
        for name in [*state, *other]:
            if name not in state or name not in other or not _fits(state[name], other[name]):
                raise InputError(f"checkpoint {path}: {name} is not that of {first}; average those of one training")
        for name, total in sums.items():
            total += other[name]
    state |= {name: (total / len(paths)).to(state[name].dtype) for name, total in sums.items()}
    save_state(state, out_path)


def _is_float(value) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _fits(one, other) -> bool:
    if _is_float(one):
        return _is_float(other) and one.shape == other.shape
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    return one == other
