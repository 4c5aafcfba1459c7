"""Post-training quantisation: ranges from sampled training utterances (docs/paper.md, Post-training quantisation)."""

import random
from collections.abc import Sequence

import torch
from torch import nn

from recipe.errors import InputError
from recipe.formats.checkpoint import load_checkpoint, read_checkpoint
from recipe.formats.hdf import HdfReader, read_tags
from recipe.models.protocol import AcousticModel
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.tiled import split_state


def calibrated_model(
    model: AcousticModel,
    quantization: QuantizationConfig,
    checkpoint: str,
    features: Sequence[str],
    *,
    num_utterances: int,
    seed: int,
) -> nn.Module:
    """The float model of `checkpoint` with quantisers whose ranges come from a seeded sample of `features`.

    The sample passes through the float model in evaluation mode, one utterance at a time, so that no padding enters
    the ranges.

    :param checkpoint: of the float model
    :param features: HDF files of log-mel frames
    :param num_utterances: size of the sample; all utterances if there are fewer
    :param seed: of the sample
    :return: the quantised model in evaluation mode, on the GPU if there is one
    :raises InputError: when the checkpoint does not fit the model, or there are no utterances
    """
    module = build_model(model, quantization).eval()
    load_float_state(module, checkpoint)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    module.to(device)
    drawn = set(sample(features, num_utterances, seed))
    with HdfReader(*features) as utterances, torch.no_grad(), _Calibrating(module):
        for name in filter(drawn.__contains__, utterances):
            frames = utterances[name]
            emissions, _ = module(torch.from_numpy(frames)[None].to(device), torch.tensor([len(frames)]))
            module.run_rest(emissions[0])  # type: ignore[operator]
    return module


def sample(features: Sequence[str], num_utterances: int, seed: int) -> list[str]:
    """Segment names drawn without replacement. The sample depends on the set of names, not on their order or files.

    :param features: HDF files of log-mel frames
    :param num_utterances: size of the sample; all names if there are fewer
    :raises InputError: when there are no segments
    """
    names = sorted(read_tags(*features))
    if not names:
        raise InputError("calibration has no utterance to draw from; give features of at least one segment")
    return random.Random(seed).sample(names, min(num_utterances, len(names)))


def load_float_state(module: nn.Module, checkpoint: str) -> None:
    """Load a float checkpoint into a quantised module in place; it lacks nothing but the quantisers' state.

    :raises InputError: naming the first tensor that does not fit
    """
    state = split_state(module, read_checkpoint(checkpoint))
    quantizers = _quantizers(module)
    own = {name: one for name, one in module.state_dict().items() if name.rpartition(".")[0] not in quantizers}
    for name in [*own, *state]:
        if name not in own or name not in state or own[name].shape != state[name].shape:
            raise InputError(f"checkpoint {checkpoint}: {name} does not fit; calibration starts from the float model")
    module.load_state_dict(state, strict=False)


def load_start(module: nn.Module, checkpoint: str) -> None:
    """Load what a training starts from into a quantised module in place: a float model, or a model quantised as it is.

    :raises InputError: naming the first tensor that does not fit
    """
    state, own = read_checkpoint(checkpoint), module.state_dict()
    if any(name in state for name in own if name.rpartition(".")[0] in _quantizers(module)):
        load_checkpoint(module, checkpoint)
    else:
        load_float_state(module, checkpoint)


def _quantizers(module: nn.Module) -> set[str]:
    return {name for name, part in module.named_modules() if isinstance(part, FakeQuantize)}


class _Calibrating:
    """A context in which all quantisers of a module widen their ranges and pass values through unchanged."""

    def __init__(self, module: nn.Module):
        self.quantizers = [part for part in module.modules() if isinstance(part, FakeQuantize)]

    def __enter__(self):
        for quantizer in self.quantizers:
            quantizer.calibrating = True

    def __exit__(self, *_):
        for quantizer in self.quantizers:
            quantizer.calibrating = False
