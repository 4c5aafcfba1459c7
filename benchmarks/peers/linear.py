"""A linear layer in other simulators of analog products, where they are installed or a checkout is given.

What they compute differs: each is set to converters of 8 bits and tiles of 128 rows where it has them, and stays at its
defaults in all else. A peer that cannot be loaded gives its reason in place of a time.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

RANGE = 3.0
"""Inputs that drive full scale."""
TILE_ROWS = 128


def aihwkit(linear: nn.Linear, bits: int) -> nn.Module:
    """aihwkit, its C++ tile: one product per tile, Gaussian noise of weights and outputs. It has no bits of a weight.

    :param linear: [N, I] to [N, O], like those of the functions below.
    """
    from aihwkit.nn import AnalogLinear
    from aihwkit.simulator.configs import InferenceRPUConfig

    return AnalogLinear.from_digital(linear, _aihwkit_config(InferenceRPUConfig()))


def aihwkit_torch(linear: nn.Linear, bits: int) -> nn.Module:
    """The same with its tile of torch operations."""
    from aihwkit.nn import AnalogLinear
    from aihwkit.simulator.configs import TorchInferenceRPUConfig

    return AnalogLinear.from_digital(linear, _aihwkit_config(TorchInferenceRPUConfig()))


def _aihwkit_config(config):
    config.mapping.max_input_size = TILE_ROWS
    config.forward.inp_res = config.forward.out_res = 1 / (2**8 - 2)
    return config


def aihwkit_lightning(linear: nn.Linear, bits: int) -> nn.Module:
    """aihwkit-lightning: one product per tile; in evaluation mode without noise."""
    from aihwkit_lightning.nn import AnalogLinear
    from aihwkit_lightning.simulator.configs import TorchInferenceRPUConfig

    config = TorchInferenceRPUConfig()
    config.mapping.max_input_size = TILE_ROWS
    config.pre_post.input_range.enable = True
    config.pre_post.input_range.init_value = RANGE
    config.forward.inp_res = config.forward.out_res = 2**8 - 2
    config.forward.out_bound = 10.0
    return AnalogLinear.from_digital(linear, config)


def crosssim(path: Path, linear: nn.Linear, bits: int) -> nn.Module:
    """CrossSim: as many slices of one bit as we have planes, balanced pairs, read noise of every cell.

    :param path: a checkout, used unchanged.
    """
    sys.path.insert(0, str(path))
    from simulator import CrossSimParameters
    from simulator.algorithms.dnn.torch.convert import from_torch

    settings = CrossSimParameters()
    settings.core.weight_bits, settings.core.rows_max = bits, TILE_ROWS
    settings.core.style, settings.core.bit_sliced.style = "BITSLICED", "BALANCED"
    settings.core.bit_sliced.num_slices = bits - 1
    settings.core.mapping.inputs.mvm.min, settings.core.mapping.inputs.mvm.max = -RANGE, RANGE
    settings.xbar.device.cell_bits = 1
    settings.xbar.device.read_noise.enable = True
    settings.xbar.device.read_noise.model = "NormalIndependentDevice"
    settings.xbar.device.read_noise.magnitude = 0.01
    settings.xbar.dac.mvm.bits, settings.xbar.dac.mvm.model = 8, "SignMagnitudeDAC"
    settings.xbar.adc.mvm.adc_range_option = settings.xbar.adc.vmm.adc_range_option = "MAX"
    settings.xbar.adc.mvm.bits, settings.xbar.adc.mvm.model = 8, "QuantizerADC"
    return from_torch(linear, settings)


def loaded(make: Callable[[], nn.Module], x: torch.Tensor) -> nn.Module | str:
    """The layer in evaluation mode, after it has read once; or in one line why there is none.

    :param x: [N, I].
    """
    try:
        layer = make().eval()
        with torch.no_grad():
            layer(x)
    except Exception as error:  # whatever another library raises is its reason
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return layer
