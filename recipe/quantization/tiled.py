"""A linear layer in square blocks, each quantised on its own: mixed precision within one weight matrix."""

from collections.abc import Callable, Iterator

import torch
from torch import nn

from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.layers import QuantizedLinear

Place = tuple[str, slice, slice]
"""Name of a block, `tile_ROW_COLUMN`; its outputs; its inputs."""


class TiledLinear(nn.Module):
    """nn.Linear as `QuantizedLinear` blocks `tile_ROW_COLUMN` with bits and ranges of their own.

    As the tiles of crossbars do, a row of blocks shares inputs and a column of blocks outputs, whose sums are digital.
    The bias is added to them in float32, and then the output is quantised once.
    """

    def __init__(self, linear: nn.Linear, bits_of: Callable[[str], int], choices: QuantizationConfig):
        """
        :param linear: whose bias is taken over, not copied; the blocks are parts of its weight
        :param bits_of: weight bits by the name of a block
        :param choices: `tile` inputs and outputs are the most that a block has
        """
        super().__init__()
        assert choices.tile is not None
        self.in_features, self.out_features, self.side = linear.in_features, linear.out_features, choices.tile
        self.bias = linear.bias
        for name, outputs, inputs in self.places():
            block = nn.Linear(inputs.stop - inputs.start, outputs.stop - outputs.start, bias=False)
            block.weight = nn.Parameter(linear.weight.detach()[outputs, inputs].clone())
            quantized = QuantizedLinear(block, bits_of(name), choices.activation_bits, choices)
            quantized.output_quantizer = nn.Identity()  # type: ignore[assignment]
            self.add_module(name, quantized)
        self.output_quantizer = FakeQuantize(choices.activation_bits)

    def places(self) -> Iterator[Place]:
        """All blocks, row by row; the last of each direction may be smaller."""
        for row, inputs in enumerate(_slices(self.in_features, self.side)):
            for column, outputs in enumerate(_slices(self.out_features, self.side)):
                yield f"tile_{row}_{column}", outputs, inputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., I] -> [..., O]"""
        sums: dict[int, torch.Tensor] = {}
        for name, outputs, inputs in self.places():
            y = self.get_submodule(name)(x[..., inputs])
            sums[outputs.start] = sums[outputs.start] + y if inputs.start else y
        y = torch.cat(list(sums.values()), -1)
        return self.output_quantizer(y if self.bias is None else y + self.bias)

    def split_weight(self, weight: torch.Tensor) -> dict[str, torch.Tensor]:
        """The weights of the blocks from that of the whole layer, by name in the state dict."""
        return {f"{name}.weight": weight[outputs, inputs] for name, outputs, inputs in self.places()}


def split_state(module: nn.Module, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The state of a float model as `module` has it: weights that it holds in blocks are divided."""
    found = dict(state)
    for name, layer in module.named_modules():
        whole = f"{name}.weight"
        if isinstance(layer, TiledLinear) and whole in found:
            found |= {f"{name}.{block}": one for block, one in layer.split_weight(found.pop(whole)).items()}
    return found


def _slices(size: int, side: int) -> list[slice]:
    return [slice(start, min(start + side, size)) for start in range(0, size, side)]
