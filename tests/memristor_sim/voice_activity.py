"""Silero's detector of speech with its own weights, generated speech, and what devices make of both.

`python -m tests.memristor_sim.voice_activity`: how many decisions stay as they were, by how devices are made and
calibrated, and where the weights lie that make it hard.
"""

import copy
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

import memristor_sim
from memristor_sim import Hardware, IdealSynaptogen, LeastSquares, Percentile, Quantisation, Verify

RATE_HZ = 16_000
CHUNK = 512
"""Samples for one decision."""
CONTEXT = 64
"""Samples before a chunk that the network sees as well."""
CALIBRATION_S = 10
DEVICES = 3
IDLE = 0.01
"""Share of products in which an input is not 0, or an output above 0; one below this is called idle."""
AWAKE = 0.05
"""Share of products from which on an output fires that digitally is idle."""


class VoiceActivity(nn.Module):
    """The network of 16 kHz in plain layers of torch: spectrum, four convolutions, LSTM, one output.

    The layers and their sizes are those of silero-vad 6 (MIT licence, https://github.com/snakers4/silero-vad).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
        sizes = (129, 128, 64, 64, 128)
        for index, stride in enumerate((1, 2, 2, 1)):
            layer = nn.Conv1d(*sizes[index : index + 2], 3, stride=stride, padding=1)
            self.add_module(f"conv{index + 1}", layer)
        self.lstm = nn.LSTM(128, 128)
        self.final_conv = nn.Conv1d(128, 1, 1)

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        """Samples of a recording to the probability of speech in each chunk, [chunks]."""
        chunks = functional.pad(wave, (CONTEXT, 0)).unfold(0, CONTEXT + CHUNK, CHUNK)[:, None]
        real, imaginary = self.stft_conv(functional.pad(chunks, (0, CONTEXT), mode="reflect")).chunk(2, 1)
        x = (real.square() + imaginary.square()).sqrt()
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = convolution(x).relu()
        hidden, _ = self.lstm(x.transpose(1, 2).flatten(0, 1)[:, None])
        return self.final_conv(hidden[:, 0, :, None].relu()).sigmoid().flatten()


def shipped_network() -> Path:
    """The file of the network that the package loads.

    :raises ImportError: the package is not installed.
    """
    spec = find_spec("silero_vad")
    if spec is None or spec.origin is None:
        raise ImportError("no silero_vad", name="silero_vad")
    return Path(spec.origin).parent / "data" / "silero_vad.jit"


def detector() -> VoiceActivity:
    """With the shipped weights.

    :raises ImportError: the package is not installed.
    """
    shipped = torch.jit.load(shipped_network()).state_dict()
    layers = {
        "stft.forward_basis_buffer": "stft_conv.weight",
        **{
            f"encoder.{index}.reparam_conv.{kind}": f"conv{index + 1}.{kind}"
            for index in range(4)
            for kind in ("weight", "bias")
        },
        **{f"decoder.rnn.{kind}": f"lstm.{kind}_l0" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")},
        **{f"decoder.decoder.2.{kind}": f"final_conv.{kind}" for kind in ("weight", "bias")},
    }
    model = VoiceActivity()
    model.load_state_dict({own: shipped[f"_model.{theirs}"] for theirs, own in layers.items()})
    return model.eval().requires_grad_(False)


VOICES = ("en-us+m3", "en-us+f2", "en-us+f4", "en-us+m1")
SENTENCES = (
    "The harbour was empty when the first boat came in.",
    "Seven of the nine lamps along the pier had gone out.",
    "She counted the crates twice, and wrote the number on the lid.",
    "Nobody had told them that the bridge would be closed until spring.",
    "It rained.",
    "A dog barked somewhere behind the warehouse, and stopped.",
    "What the old map called a road was a line of stones in the grass.",
    "Put the kettle on, please, and shut the window.",
    "By noon the wind had turned, and the whole bay smelled of tar.",
    "He asked for the price of the smaller one, and did not answer.",
)


def speech(seed: int, seconds: int) -> torch.Tensor:
    """Sentences of four voices of different loudness with pauses between them, and faint noise; [samples]."""
    import torchaudio

    from recipe.corpus.mini.speech import SYNTHESIS_RATE_HZ, Synthesiser
    from recipe.corpus.mini.talks import Speaker

    draw, pieces = random.Random(seed), []
    while sum(map(len, pieces)) < seconds * RATE_HZ:
        speaker = Speaker(
            name="", voice=draw.choice(VOICES), female=False, words_per_minute=160, pitch=50, pitch_range=50, scale=1.0
        )
        said = Synthesiser(speaker, seed).say(draw.choice(SENTENCES), draw.randint(140, 190))
        wave = torchaudio.functional.resample(torch.tensor(said) / 2**15, SYNTHESIS_RATE_HZ, RATE_HZ)
        pieces += [wave * 10 ** draw.uniform(-0.75, 0), torch.zeros(int(RATE_HZ * draw.uniform(0.3, 1.5)))]
    recording = torch.cat(pieces)[: seconds * RATE_HZ // CHUNK * CHUNK]
    return recording + 1e-3 * torch.randn(len(recording), generator=torch.Generator().manual_seed(seed))


COLUMN_SCALES = Quantisation(per_column=True)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A device, and whether its columns are calibrated after programming."""

    hardware: Hardware
    calibrated: bool = False


ENOUGH = Setting(hardware=memristor_sim.physical(weight_bits=8, quantisation=COLUMN_SCALES), calibrated=True)
"""What the detector needs."""


def _settings() -> Iterator[tuple[str, Setting]]:
    clipped, adc = Quantisation(weights=Percentile(percent=99.5)), LeastSquares()
    makes: dict[str, dict] = {
        "min-max": {},
        "min-max, cells in exactly the states wanted": {"cell": IdealSynaptogen()},
        "weights clipped at the 99.5th percentile": {"quantisation": clipped},
        "weights clipped by least squares": {"quantisation": Quantisation(weights=LeastSquares())},
        "column scales": {"quantisation": COLUMN_SCALES},
        "column scales, ADC ranges": {"quantisation": Quantisation(per_column=True, adc=adc)},
        "column scales, ADC ranges, verified": {
            "quantisation": Quantisation(per_column=True, adc=adc), "verify": Verify(),
        },
    }  # fmt: skip
    for name, make in makes.items():
        yield name, Setting(hardware=memristor_sim.physical(weight_bits=8, **make))
    for name, make in makes.items():
        if "cell" not in make:
            hardware = memristor_sim.physical(weight_bits=8, **make)
            yield f"{name}; columns calibrated", Setting(hardware=hardware, calibrated=True)


def device(model: nn.Module, setting: Setting, seed: int, recording: torch.Tensor) -> nn.Module:
    """A programmed copy of the model.

    :param recording: for calibration.
    """
    programmed = copy.deepcopy(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ADC clips in some settings
        memristor_sim.program(programmed, setting.hardware, seed, calibration=[recording])
    if setting.calibrated:
        memristor_sim.calibrate_columns(programmed, model, [recording])
    return programmed


@torch.no_grad()
def decisions(model: Callable[[torch.Tensor], torch.Tensor], recording: torch.Tensor) -> torch.Tensor:
    """Whether each chunk is speech; the read noise is the same in each call."""
    torch.manual_seed(0)
    return model(recording) > 0.5


def of_convolutions(
    model: nn.Module, recording: torch.Tensor, see: Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]
) -> dict[str, torch.Tensor]:
    """What `see(layer, input, output)` gives of each convolution after the spectrum."""
    found: dict[str, torch.Tensor] = {}

    def hook(name: str) -> Callable[[Any, tuple[torch.Tensor], torch.Tensor], None]:
        return lambda layer, args, y: found.update({name: see(layer, args[0], y)})

    layers = {name: layer for name, layer in model.named_children() if name.startswith("conv")}
    hooks = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    decisions(model, recording)
    for one in hooks:
        one.remove()
    return found


def driven(layer: nn.Conv1d, x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    """In what share of products each input is not 0, [channels, kernel]."""
    windows = functional.pad(x, (1, 1)).unfold(2, layer.kernel_size[0], layer.stride[0])
    return (windows != 0).float().mean((0, 2))


def firing(_: Any, __: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """In what share of products each output is above 0, [channels]."""
    return (y > 0).float().mean((0, 2))


def layer_table(model: VoiceActivity, recording: torch.Tensor, calibration: torch.Tensor) -> Iterator[str]:
    """Lines of a table: weights that hardly ever compute anything, and outputs that only a device makes fire."""
    settings = (
        Setting(hardware=memristor_sim.physical(weight_bits=8)),
        Setting(hardware=ENOUGH.hardware),
        ENOUGH,
    )
    devices = [device(model, one, 0, calibration) for one in settings]
    awake = [of_convolutions(one, recording, firing) for one in devices]
    digital, inputs = (of_convolutions(model, recording, see) for see in (firing, driven))
    yield "| layer | largest weight | largest in use | error | idle outputs | awake: min-max | by column | calibrated |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, share in inputs.items():
        weight, idle = model.get_submodule(name).weight, digital[name] < IDLE
        error = (devices[0].get_submodule(name).weight - weight).std()
        sizes = weight.abs().max(), weight[:, share >= IDLE].abs().max(), error
        counts = [int((one[name][idle] > AWAKE).sum()) for one in awake]
        cells = [name, *(f"{float(size):.2f}" for size in sizes), str(int(idle.sum())), *map(str, counts)]
        yield f"| {' | '.join(cells)} |"


def agreement_table(model: VoiceActivity, recording: torch.Tensor, calibration: torch.Tensor) -> Iterator[str]:
    """Lines of a table: decisions as the digital model makes them, mean and range over devices."""
    digital = decisions(model, recording)
    counted = f"{len(digital)} decisions, {digital.float().mean():.0%} of them speech; {DEVICES} devices"
    yield f"| {counted} | as digital, % | on the worst device | speech found, % | false alarms, % |"
    yield "|---|---|---|---|---|"
    for name, setting in _settings():
        found = [decisions(device(model, setting, seed, calibration), recording) for seed in range(DEVICES)]
        same = [100 * float((one == digital).float().mean()) for one in found]
        speech_found, alarms = (
            100 * sum(float(one[part].float().mean()) for one in found) / DEVICES for part in (digital, ~digital)
        )
        yield f"| {name} | {sum(same) / DEVICES:.1f} | {min(same):.1f} | {speech_found:.1f} | {alarms:.1f} |"


def recordings() -> tuple[torch.Tensor, torch.Tensor]:
    """A minute to decide on, and another recording to calibrate with."""
    return speech(0, 60), speech(1, CALIBRATION_S)


def main() -> None:
    """Print both tables."""
    model, (minute, calibration) = detector(), recordings()
    for table in (agreement_table(model, minute, calibration), layer_table(model, minute, calibration)):
        for line in table:
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
