"""LSTM and GRU on crossbars: input and recurrent weights; gates, states and biases are digital."""

from collections.abc import Callable
from typing import cast

import torch
from torch import nn

from memristor_sim.crossbar import LinearCrossbar
from memristor_sim.errors import MemristorError

State = tuple[torch.Tensor, ...]
"""Output and, of an LSTM, memory of each sequence."""


def lstm_step(drive: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    """One time step of an LSTM.

    :param drive, recurrent: [S, 4 H], products with the input and with the last output.
    :param state: output and memory, each [S, H].
    :return: the new state.
    """
    into, forget, cell, out = (drive + recurrent).chunk(4, dim=-1)
    memory = forget.sigmoid() * state[1] + into.sigmoid() * cell.tanh()
    return out.sigmoid() * memory.tanh(), memory


def gru_step(drive: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    """One time step of a GRU.

    :param drive, recurrent: [S, 3 H], products with the input and with the last output.
    :param state: output, [S, H].
    :return: the new state.
    """
    reset_in, update_in, new_in = drive.chunk(3, dim=-1)
    reset_rec, update_rec, new_rec = recurrent.chunk(3, dim=-1)
    update = (update_in + update_rec).sigmoid()
    new = (new_in + (reset_in + reset_rec).sigmoid() * new_rec).tanh()
    return (new + update * (state[0] - new),)


class ScaledCrossbar(nn.Module):
    """A crossbar with its scales and bias."""

    scale: torch.Tensor
    """[2]: value of one integer weight step, and the input that drives full scale."""

    def __init__(self, crossbar: LinearCrossbar, *, bias: torch.Tensor | None):
        super().__init__()
        self.crossbar = crossbar
        self.register_buffer("scale", torch.ones(2))
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., I] to [..., O]."""
        weight_scale, input_range = self.scale
        y = self.crossbar(x, input_range).mul_(weight_scale * input_range)
        return y if self.bias is None else y + self.bias


class MemristorRecurrent(nn.Module):
    """A programmed nn.LSTM or nn.GRU, any layers and directions, without dropout.

    Outputs lie in [-1, 1], which is full scale.
    """

    def __init__(
        self,
        *,
        step: Callable[[torch.Tensor, torch.Tensor, State], State],
        inputs: list[ScaledCrossbar],
        recurrents: list[ScaledCrossbar],
        directions: int,
        batch_first: bool,
        output_quantizer: nn.Module,
    ):
        """:param step: `lstm_step` or `gru_step`.

        :param inputs, recurrents: input and recurrent weights, one per layer and direction.
        :param output_quantizer: that of a fake-quantised layer, else an identity.
        """
        super().__init__()
        self.step, self.directions, self.batch_first = step, directions, batch_first
        self.inputs, self.recurrents = nn.ModuleList(inputs), nn.ModuleList(recurrents)
        self.output_quantizer = output_quantizer

    @torch.no_grad()
    def forward(self, x: torch.Tensor, state: torch.Tensor | State | None = None) -> tuple:
        """The layer's outputs and last state.

        :param x: [T, S, I], [S, T, I] if batch_first, or [T, I].
        :param state: as the original layer takes it.
        :return: outputs in the layout of `x`, and the last state, as the original layer gives them.
        :raises MemristorError: `x` is a packed sequence, or has NaN or infinite values.
        """
        if not isinstance(x, torch.Tensor):
            raise MemristorError("A programmed recurrent layer takes no packed sequence: pad it and give the tensor.")
        if x.dim() == 2:
            state = None if state is None else _map_state(lambda part: part[:, None], state)
            y, last = self._run(x[None], state)
            return y[0], _map_state(lambda part: part[:, 0], last)
        y, last = self._run(x if self.batch_first else x.transpose(0, 1), state)
        return y if self.batch_first else y.transpose(0, 1), last

    def _run(self, x: torch.Tensor, state: torch.Tensor | State | None) -> tuple[torch.Tensor, torch.Tensor | State]:
        """:param x: [S, T, I]."""
        dtype, x = x.dtype, x.float()
        given = (state,) if isinstance(state, torch.Tensor) else state
        finals = []
        with torch.autocast(x.device.type, enabled=False):
            for first in range(0, len(self.inputs), self.directions):
                outputs = []
                for index in range(first, first + self.directions):
                    start = None if given is None else tuple(part[index].float() for part in given)
                    output, final = self._direction(index, x, start, backward=index > first)
                    outputs.append(output)
                    finals.append(final)
                x = torch.cat(outputs, dim=-1)
        last = tuple(torch.stack(parts).to(dtype) for parts in zip(*finals, strict=True))
        return self.output_quantizer(x.to(dtype)), last if len(last) > 1 else last[0]

    def _direction(
        self, index: int, x: torch.Tensor, state: State | None, *, backward: bool
    ) -> tuple[torch.Tensor, State]:
        drive = self.inputs[index](x)  # [S, T, gates]
        recurrent = cast(ScaledCrossbar, self.recurrents[index])
        if state is None:
            size = recurrent.crossbar.mapping.rows
            state = tuple(x.new_zeros(x.shape[0], size) for _ in range(2 if self.step is lstm_step else 1))
        steps = range(x.shape[1])
        outputs = x.new_empty(*x.shape[:2], state[0].shape[-1])
        with recurrent.crossbar.unpacked():
            for t in reversed(steps) if backward else steps:
                state = self.step(drive[:, t], recurrent(state[0]), state)
                outputs[:, t] = state[0]
        return outputs, state


def _map_state(function: Callable, state: torch.Tensor | State) -> torch.Tensor | State:
    return function(state) if isinstance(state, torch.Tensor) else tuple(map(function, state))
