"""Programming the checkpoint of a quantised model onto one device."""

from dataclasses import replace

from torch import nn

import memristor_sim
from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec, load_model


def programmed_model(spec: ModelSpec, checkpoint: str, device_seed: int) -> nn.Module:
    """The model of `spec` on one device, with every quantised weight programmed into cells.

    :param checkpoint: of the same model without hardware
    :param device_seed: selects the device; the same seed gives the same device
    :raises InputError: when `spec` has no hardware, or the checkpoint does not fit it
    """
    if spec.hardware is None:
        raise InputError("ProgramDeviceJob needs ModelSpec.hardware; give for example memristor_sim.physical()")
    digital = load_model(replace(spec, hardware=None), checkpoint)
    return memristor_sim.program(digital, spec.hardware, device_seed)
