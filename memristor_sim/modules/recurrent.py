"""Recurrent layers on crossbars: input, recurrent and projecting weights; gates, states and biases are digital."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from memristor_sim.modules.programmed import ScaledCrossbar

State = tuple[torch.Tensor, ...]
"""Output and, of an LSTM, memory of each sequence."""
Step = Callable[[torch.Tensor, torch.Tensor, State], State]


def lstm_step(drive: torch.Tensor, recurrent: torch.Tensor, state: State) -> State:
    """One time step of an LSTM.

    :param drive, recurrent: [S, 4 H], products with the input and with the last output.
    :param state: output and memory; the memory is [S, H].
    :return: the new state, each [S, H].
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


def rnn_step(drive: torch.Tensor, recurrent: torch.Tensor, state: State, *, squash: Callable = torch.tanh) -> State:
    """One time step of an Elman network.

    :param drive, recurrent: [S, H], products with the input and with the last output.
    :param squash: `torch.tanh` or `torch.relu`.
    :return: the new state.
    """
    return (squash(drive + recurrent),)


STEPS: dict[str, Step] = {
    "lstm": lstm_step,
    "gru": gru_step,
    "rnn_tanh": rnn_step,
    "rnn_relu": partial(rnn_step, squash=torch.relu),
}
"""By the name of the cell."""


class MemristorRecurrent(nn.Module):
    """A programmed nn.LSTM, nn.GRU or nn.RNN, any layers and directions.

    Outputs lie in [-1, 1], which is full scale, but for projections and relu.
    """

    input_size: int
    hidden_size: int
    dropout: float = 0.0

    def __init__(
        self,
        *,
        cell: str,
        inputs: list[nn.Module],
        recurrents: list[nn.Module],
        projections: list[nn.Module],
        directions: int,
        batch_first: bool,
        output_quantizer: nn.Module,
    ):
        """:param cell: a key of STEPS.

        :param inputs, recurrents: input and recurrent weights, one per layer and direction.
        :param projections: of an LSTM with proj_size, one per layer and direction; else empty.
        :param output_quantizer: that of a fake-quantised layer, else an identity.
        """
        super().__init__()
        self.cell, self.directions, self.batch_first = cell, directions, batch_first
        self.inputs, self.recurrents = nn.ModuleList(inputs), nn.ModuleList(recurrents)
        if projections:
            self.projections = nn.ModuleList(projections)
        self.output_quantizer = output_quantizer

    def __getattr__(self, name: str) -> Any:
        """`weight_ih_l0`, `bias_hh_l1_reverse` and so on: the effective weights and biases, where they were."""
        kind, _, part = name.partition("_")
        suffix = part[2:]
        if kind in ("weight", "bias") and suffix.startswith("_l"):
            depth, _, backward = suffix[2:].partition("_")
            of_part = {"ih": "inputs", "hh": "recurrents", "hr": "projections"}.get(part[:2])
            modules = self._modules.get(of_part or "")
            if modules is not None and depth.isdecimal() and backward in ("", "reverse")[: self.directions]:
                index = int(depth) * self.directions + bool(backward)
                if index < len(cast(nn.ModuleList, modules)):
                    return getattr(cast(nn.ModuleList, modules)[index], kind)
        return super().__getattr__(name)

    def flatten_parameters(self) -> None:
        """Nothing: there are no weights to lay out for cuDNN."""

    def forward(self, input: torch.Tensor | PackedSequence, hx: torch.Tensor | State | None = None) -> tuple:
        """The layer's outputs and last state.

        :param input: [T, S, I], [S, T, I] if batch_first, [T, I], or a packed sequence.
        :param hx: the state, as the original layer takes it.
        :return: outputs in the layout of `input`, and the last state, as the original layer gives them.
        :raises MemristorError: `input` has NaN or infinite values.
        """
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        if input.dim() == 2:
            state = None if hx is None else _map_state(lambda part: part[:, None], hx)
            y, last = self._run(input[None], state)
            return y[0], _map_state(lambda part: part[:, 0], last)
        y, last = self._run(input if self.batch_first else input.transpose(0, 1), hx)
        return y if self.batch_first else y.transpose(0, 1), last

    def _packed(self, packed: PackedSequence, state: torch.Tensor | State | None) -> tuple:
        # Sorted by length, so that at each step the sequences that go on are the first ones.
        in_order = PackedSequence(packed.data, packed.batch_sizes)
        x, lengths = pad_packed_sequence(in_order, batch_first=True)
        if state is not None and packed.sorted_indices is not None:
            state = _map_state(lambda part: part[:, packed.sorted_indices], state)
        y, last = self._run(x, state, packed.batch_sizes.tolist())
        data = pack_padded_sequence(y, lengths, batch_first=True).data
        if packed.unsorted_indices is not None:
            last = _map_state(lambda part: part[:, packed.unsorted_indices], last)
        return PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices), last

    def _run(
        self, x: torch.Tensor, state: torch.Tensor | State | None, batch_sizes: list[int] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor | State]:
        """:param x: [S, T, I].

        :param batch_sizes: how many of the sequences go on at each step; None for all.
        """
        dtype, x = x.dtype, x.float()
        given = (state,) if isinstance(state, torch.Tensor) else state
        finals = []
        with torch.autocast(x.device.type, enabled=False):
            for first in range(0, len(self.inputs), self.directions):
                if first and self.dropout:
                    x = functional.dropout(x, self.dropout, self.training)
                outputs = []
                for index in range(first, first + self.directions):
                    start = None if given is None else tuple(part[index].float() for part in given)
                    output, final = self._direction(index, x, start, batch_sizes, backward=index > first)
                    outputs.append(output)
                    finals.append(final)
                x = torch.cat(outputs, dim=-1)
        last = tuple(torch.stack(parts).to(dtype) for parts in zip(*finals, strict=True))
        return self.output_quantizer(x.to(dtype)), last if len(last) > 1 else last[0]

    def _direction(
        self, index: int, x: torch.Tensor, state: State | None, batch_sizes: list[int] | None, *, backward: bool
    ) -> tuple[torch.Tensor, State]:
        drive = self.inputs[index](x)  # [S, T, gates]
        recurrent: Any = self.recurrents[index]
        project = self.projections[index] if "projections" in self._modules else None
        step = STEPS[self.cell]
        if state is None:
            sizes = (self.output_size, self.hidden_size) if self.cell == "lstm" else (self.output_size,)
            state = tuple(x.new_zeros(x.shape[0], size) for size in sizes)
        steps = range(x.shape[1])
        outputs = []
        with recurrent.unpacked():
            for t in reversed(steps) if backward else steps:
                n = len(x) if batch_sizes is None else batch_sizes[t]
                going = tuple(part[:n] for part in state)
                new = step(drive[:n, t], recurrent(going[0]), going)
                if project is not None:
                    new = project(new[0]), *new[1:]
                outputs.append(functional.pad(new[0], (0, 0, 0, len(x) - n)) if n < len(x) else new[0])
                kept = zip(new, state, strict=True)
                state = new if n == len(x) else tuple(torch.cat([one, old[n:]]) for one, old in kept)
        return torch.stack(outputs[::-1] if backward else outputs, 1), state

    @property
    def output_size(self) -> int:
        """Size of the output of one direction."""
        return getattr(self, "proj_size", 0) or self.hidden_size


class MemristorCell(nn.Module):
    """A programmed nn.LSTMCell, nn.GRUCell or nn.RNNCell: one time step."""

    hidden_size: int

    def __init__(self, *, cell: str, inputs: ScaledCrossbar, recurrents: ScaledCrossbar):
        """:param cell: a key of STEPS.

        :param inputs, recurrents: input and recurrent weights.
        """
        super().__init__()
        self.cell, self.inputs, self.recurrents = cell, inputs, recurrents

    def __getattr__(self, name: str) -> Any:
        """`weight_ih`, `bias_hh` and so on: the effective weights and biases, where they were."""
        kind, _, part = name.partition("_")
        modules = {"ih": "inputs", "hh": "recurrents"}
        if kind in ("weight", "bias") and part in modules:
            return getattr(self._modules[modules[part]], kind)
        return super().__getattr__(name)

    def forward(self, input: torch.Tensor, hx: torch.Tensor | State | None = None) -> torch.Tensor | State:
        """The new state.

        :param input: [S, I] or [I].
        :param hx: the last state, [S, H] or [H]; of an LSTM, output and memory.
        :return: as the original layer gives it.
        """
        if input.dim() == 1:
            batched = None if hx is None else _map_state(lambda part: part[None], hx)
            return _map_state(lambda part: part[0], self(input[None], batched))
        x = input.float()
        given: State
        if hx is None:
            given = (x.new_zeros(len(x), self.hidden_size),) * (2 if self.cell == "lstm" else 1)
        else:
            given = tuple(part.float() for part in ((hx,) if isinstance(hx, torch.Tensor) else hx))
        with torch.autocast(x.device.type, enabled=False):
            new = STEPS[self.cell](self.inputs(x), self.recurrents(given[0]), given)
        new = tuple(part.to(input.dtype) for part in new)
        return new if len(new) > 1 else new[0]


def _map_state(function: Callable, state: torch.Tensor | State) -> Any:
    return function(state) if isinstance(state, torch.Tensor) else tuple(map(function, state))
