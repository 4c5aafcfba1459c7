"""The read-out of programmed pairs of lines: every product is one for the mean and one for the noise variance.

Shapes: S sequences (first axis of the input), N vectors of each, I inputs (rows), O outputs (columns), P planes.
"""


import torch
from torch import nn

from memristor_sim.converters import digitise_, line_tables, to_levels
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Adc, Dac, Hardware, ReadNoise
from memristor_sim.mapping import Mapping

# Elements of a block of partial results: fits the caches of a CPU core; a GPU wants few large launches.
_BLOCK_ELEMENTS = {"cpu": 1 << 16}
_BLOCK_ELEMENTS_ELSEWHERE = 1 << 26


class Crossbar(nn.Module):
    """States of all arrays of one integer matrix, with its converters.

    :ivar r_plus, r_minus: float16 [P, groups, I, O]. Rounding to float16 moves a state by at most 1 % of the spread
        of its distribution and keeps the states of a device small.
    :ivar mapping_text: what the states are states of, as bytes.
    """

    def __init__(self, mapping: Mapping, *, dac: Dac, adc: Adc, hardware: Hardware, name: str):
        super().__init__()
        self.mapping, self.dac, self.adc, self.name = mapping, dac, adc, name
        self.read_noise: ReadNoise | None = hardware.read_noise
        # One digit step of a cell pair is 1/(levels-1) of the full current.
        self.steps_per_ampere = hardware.value_per_ampere * 2**adc.precision_bits * (mapping.levels - 1)
        self.clipping = None
        self.register_buffer("r_plus", torch.zeros(mapping.shape, dtype=torch.float16))
        self.register_buffer("r_minus", torch.zeros(mapping.shape, dtype=torch.float16))
        text = torch.frombuffer(bytearray(mapping.text().encode()), dtype=torch.uint8)
        self.register_buffer("mapping_text", text.clone())

    def line_functions(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The tables of converters.line_tables at the DAC levels of `x`, each float32 of the shape of `x`.

        :raises MemristorError: NaN or infinity in `x`.
        """
        x = x.float()
        finite = torch.isfinite(x)
        if not bool(finite.all()):
            place = tuple(torch.nonzero(~finite)[0].tolist())
            raise MemristorError(
                f"The input of crossbar layer {self.name!r} has {x[place].item()} at index {place}: feed finite numbers."
            )
        if self.clipping is not None:
            self.clipping.count_dac(x)
        levels = to_levels(x, self.dac).flatten()
        tables = line_tables(self.dac, self.read_noise, self.steps_per_ampere)
        return [self._device_table(table, x).index_select(0, levels).view(x.shape) for table in tables]

    @staticmethod
    def _device_table(table, x):
        return torch.from_numpy(table).to(x.device, torch.float32)

    def digitise_(self, mean: torch.Tensor, variance: torch.Tensor | None) -> torch.Tensor:
        """Add read noise to currents in ADC steps, [S, N, O], and convert; in place."""
        if variance is not None:
            shape = mean.shape[1:] if self.read_noise.shared_over_batch else mean.shape
            normal = torch.randn(shape, device=mean.device)
            mean.addcmul_(variance.clamp_(min=0).sqrt_(), normal)
        if self.clipping is not None:
            self.clipping.count_adc(mean)
        return digitise_(mean, self.adc)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """:param x: [..., I], 1 being full scale. :return: [..., O] float32, one weight step times full scale being 1.
        """
        shared = self.read_noise is not None and self.read_noise.shared_over_batch
        sequences = x.shape[0] if shared and x.dim() > 1 else 1
        functions = self.line_functions(x.reshape(sequences, -1, x.shape[-1]))
        out = torch.zeros(*functions[0].shape[:2], self.mapping.columns, device=x.device)
        for rows in self.mapping.row_slices():
            self._add_tile_row_(out, [function[..., rows] for function in functions], rows)
        return out.mul_(2.0**-self.adc.precision_bits).view(*x.shape[:-1], self.mapping.columns)

    def _add_tile_row_(self, out: torch.Tensor, functions: list[torch.Tensor], rows: slice) -> None:
        drive = functions[0]
        vectors, columns = _block_shape(out)
        if len(functions) > 1:
            offset = functions[1].sum(-1, keepdim=True)
        for first in range(0, out.shape[-1], columns):
            lines = slice(first, first + columns)
            for plane, weight in enumerate(self.mapping.plane_weights):
                plus = self.r_plus[plane, 0, rows, lines].float()
                minus = self.r_minus[plane, 0, rows, lines].float()
                total = minus + plus if len(functions) > 1 else None
                difference = minus.sub_(plus)
                for start in range(0, out.shape[1], vectors):
                    some = slice(start, start + vectors)
                    mean = drive[:, some] @ difference
                    variance = None if total is None else offset[:, some] - functions[2][:, some] @ total
                    out[:, some, lines].add_(self.digitise_(mean, variance), alpha=weight)

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs):
        found = state_dict.get(prefix + "mapping_text")
        if found is None:
            raise MemristorError(
                f"The state_dict has no programmed states for layer {self.name!r}: it is of a model that was not "
                "programmed, so program that one."
            )
        text = bytes(found.cpu().numpy()).decode()
        if text != self.mapping.text():
            raise MemristorError(
                f"The state_dict of layer {self.name!r} was programmed with another mapping ({text}) than this "
                f"model's ({self.mapping.text()}): prepare the model with the hardware that it was programmed for."
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _block_shape(out: torch.Tensor) -> tuple[int, int]:
    """Vectors per sequence and columns of one block of partial results."""
    budget = _BLOCK_ELEMENTS.get(out.device.type, _BLOCK_ELEMENTS_ELSEWHERE)
    columns = min(out.shape[-1], 512 if out.device.type == "cpu" else out.shape[-1])
    return max(1, budget // (columns * out.shape[0])), columns
