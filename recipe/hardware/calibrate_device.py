"""Calibrating one programmed device against its digital model, on a seeded sample of training audio."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.formats.hdf import HdfReader, read_tags
from recipe.hardware.spec import ModelSpec, load_model


def calibrated_device(spec: ModelSpec, checkpoint: str, digital: str, features: Sequence[str]) -> nn.Module:
    """The device of `checkpoint` after all steps of `spec.calibration`, in evaluation mode.

    :param spec: of the calibrated device
    :param checkpoint: of the device as it was programmed
    :param digital: checkpoint of the quantised model that was programmed
    :param features: HDF files of log-mel frames of the training corpus
    :raises InputError: when a checkpoint does not fit `spec`, or there is no audio
    """
    device = load_model(replace(spec, calibration=()), checkpoint)
    model = load_model(replace(spec, hardware=None), digital)
    for step in spec.calibration:
        frames = torch.from_numpy(speech_sample(features, step.seconds, step.seed))[None]
        torch.manual_seed(step.seed)  # of the read noise

        def speech(network: nn.Module, frames: torch.Tensor = frames) -> None:
            run: Any = network
            emissions, _ = run(frames, torch.tensor([frames.shape[1]]))
            run.run_rest(emissions[0])

        step.apply(device, model, speech)
    return device


def speech_sample(features: Sequence[str], seconds: float, seed: int) -> np.ndarray:
    """Utterances in a random order, one after the other, cut to so many seconds: [T, F], without padding.

    The sample depends on the set of names, not on their order or files. Where there is less audio, all of it is taken.

    :param features: HDF files of log-mel frames
    :raises InputError: when there are no segments
    """
    names = sorted(read_tags(*features))
    if not names:
        raise InputError("the calibration of a device has no utterance to draw from; give features of training audio")
    random.Random(seed).shuffle(names)
    wanted, drawn, length = round(seconds * FRAMES_PER_SECOND), [], 0
    with HdfReader(*features) as utterances:
        for name in names:
            drawn.append(utterances[name])
            length += len(drawn[-1])
            if length >= wanted:
                break
    return np.concatenate(drawn)[:wanted]
