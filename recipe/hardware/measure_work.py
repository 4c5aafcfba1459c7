"""Running a device on a sample of utterances while its conversions and the power in its cells are added up."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from memristor_sim.energy import LayerWork
from memristor_sim.hardware import Hardware
from memristor_sim.work_meter import layers_of, recorded_work
from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.formats.hdf import HdfReader
from recipe.hardware.device_work import DeviceWork
from recipe.hardware.spec import ModelSpec, load_model
from recipe.quantization.calibrate import sample


def device_work(
    spec: ModelSpec,
    checkpoint: str,
    features: Sequence[str],
    *,
    num_utterances: int,
    sample_seed: int,
    read_noise_seed: int,
) -> DeviceWork:
    """What the arrays and converters of one device do, one utterance at a time: no padding is paid for.

    :param checkpoint: of the programmed device
    :param features: HDF files of log-mel frames
    :param num_utterances: size of the sample; all utterances if there are fewer
    :raises InputError: when `spec` has no hardware, or there are no utterances
    """
    if spec.hardware is None:
        raise InputError("EnergyJob needs ModelSpec.hardware; give for example memristor_sim.physical()")
    module = load_model(spec, checkpoint)
    drawn = set(sample(features, num_utterances, sample_seed))
    frames_in_all = 0
    torch.manual_seed(read_noise_seed)
    with HdfReader(*features) as utterances, torch.no_grad(), recorded_work(module) as meters:
        for name in filter(drawn.__contains__, utterances):
            frames = utterances[name]
            emissions, _ = module(torch.from_numpy(frames)[None], torch.tensor([len(frames)]))
            module.run_rest(emissions[0])  # type: ignore[operator]
            frames_in_all += len(frames)
    layers = [_with_spares(layer, spec.hardware) for layer in layers_of(meters)]
    return DeviceWork(audio_s=frames_in_all / FRAMES_PER_SECOND, utterances=len(drawn), layers=layers)


def _with_spares(layer: LayerWork, hardware: Hardware) -> LayerWork:
    """Arrays are as wide as their columns and the spare ones."""
    columns = hardware.tile_columns
    return replace(layer, cells=layer.cells // columns * (columns + hardware.spare_columns))
