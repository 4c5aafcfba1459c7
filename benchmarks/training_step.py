"""One training step of the mini model on the CPU: fake-quantised against float, FusedRAdam against torch's RAdam, and
what learned ranges, noise of devices and distillation add to the published QAT.

    python benchmarks/training_step.py [--bits 4] [--frames 1500] [--utterances 4] [--repeats 20] [--json FILE]

Features are random, since the cost of a step does not depend on their values. Times are CPU seconds of one thread.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.append(str(ROOT / "tools" / "local_sisyphus"))  # the bundled job engine, unless the real one is installed

from recipe.formats.checkpoint import save_checkpoint  # noqa: E402
from recipe.models.ctc import ctc_loss  # noqa: E402
from recipe.models.protocol import AcousticModel  # noqa: E402
from recipe.quantization.build_model import build_model  # noqa: E402
from recipe.quantization.ranges import Lsq, MseClip  # noqa: E402
from recipe.systems import Float, Qat  # noqa: E402
from recipe.training.config import SpecAugmentConfig  # noqa: E402
from recipe.training.distil import Distillation  # noqa: E402
from recipe.training.optimizer import FusedRAdam  # noqa: E402
from recipe.training.options import DeviceNoise, Distil  # noqa: E402
from recipe.training.specaugment import specaugment  # noqa: E402
from recipe.training.weight_noise import NoiseControl  # noqa: E402
from setups.mini import mini  # noqa: E402


class Training:
    """A model, its optimiser and one batch; `step` does what RETURNN does with them.

    :param system: whose model, ranges, noise and teacher
    :param utterances: in the batch
    :param frames: of each utterance
    """

    def __init__(self, system: Float | Qat, utterances: int, frames: int):
        setup = mini()
        torch.manual_seed(0)
        self.specaugment = setup.training.specaugment or SpecAugmentConfig()
        self.model = build_model(setup.model, system.quantization(setup)).train()
        noise, distil = getattr(system, "noise", None), getattr(system, "distil", None)
        self.noise = None if noise is None else NoiseControl(self.model, noise, 1)
        self.distil = None if distil is None else distillation(setup.model, distil)
        self.params = list(self.model.parameters())
        self.features = torch.randn(utterances, frames, setup.model.num_features)
        self.lengths = torch.full((utterances,), frames)
        self.tags = list(map(str, range(utterances)))  # a teacher hears each once in a training
        num_labels = frames // 10  # ten labels a second
        self.targets = torch.randint(setup.model.num_labels, (utterances, num_labels))
        self.target_lengths = torch.full((utterances,), num_labels)
        self.use(FusedRAdam)

    def use(self, optimizer: type[torch.optim.RAdam]) -> None:
        """Continue with a new optimiser of this class."""
        self.optimizer = optimizer(self.params, lr=1e-4, weight_decay=0.01, decoupled_weight_decay=True, foreach=True)
        for _ in range(6):  # RAdam does not rectify the first steps
            self.step()

    def step(self) -> None:
        """Forward, backward, update."""
        self.optimizer.zero_grad()
        if self.noise is not None:
            self.noise.start_step(1)
        features = specaugment(self.features, self.specaugment)
        labels = self.targets, self.target_lengths
        if self.distil is not None:
            losses = self.distil(self.model, features, self.features, self.lengths, *labels, self.tags)
        else:
            losses = ctc_loss(*self.model(features, self.lengths), *labels)
        (losses.sum() / self.target_lengths.sum()).backward()
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        self.optimizer.step()


def distillation(model: AcousticModel, config: Distil) -> Distillation:
    """From a float model with new weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        save_checkpoint(model.build(quantized=False), path)
        distil = Distillation(model, str(path), config)
        distil.teacher(torch.device("cpu"))
    return distil


def cpu_s(functions: list, repeats: int) -> list[float]:
    """Median CPU seconds of each function; they are called in turn."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats):
        for function, seconds in zip(functions, times, strict=True):
            start = time.process_time()
            function()
            seconds.append(time.process_time() - start)
    return [statistics.median(seconds) for seconds in times]


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, default=4, help="weight bits of the fake-quantised model")
    parser.add_argument("--frames", type=int, default=1500, help="frames in a batch")
    parser.add_argument("--utterances", type=int, default=4, help="utterances in a batch")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    shape = arguments.utterances, arguments.frames // arguments.utterances
    bits = arguments.bits
    plain, quantised = Training(Float(), *shape), Training(Qat(bits), *shape)
    others = {
        "learned_columns": Qat(bits, {"weight_range": Lsq(per_column=True)}),
        "learned_columns_and_inputs": Qat(bits, {"weight_range": Lsq(per_column=True), "input_range": Lsq()}),
        "least_squares_columns": Qat(bits, {"weight_range": MseClip(per_column=True)}),
        "device_noise": Qat(bits, noise=DeviceNoise()),
        "distillation": Qat(bits, distil=Distil()),
    }
    steps = [Training(system, *shape).step for system in others.values()]
    float_s, qat_s, *others_s = cpu_s([plain.step, quantised.step, *steps], arguments.repeats)
    fused_s = cpu_s([plain.optimizer.step], arguments.repeats)[0]
    plain.use(torch.optim.RAdam)
    torch_s = cpu_s([plain.optimizer.step], arguments.repeats)[0]
    figures = {
        "bits": arguments.bits,
        "batch": shape,
        "float_step_s": float_s,
        "qat_step_s": qat_s,
        "qat_over_float": qat_s / float_s,
        "over_qat": {name: seconds / qat_s for name, seconds in zip(others, others_s, strict=True)},
        "torch_over_fused_radam": torch_s / fused_s,
    }
    text = json.dumps(figures)
    print(
        f"a step of QAT at {arguments.bits} bit takes {qat_s / float_s:.2f} times a float step ({1e3 * qat_s:.0f} and "
        f"{1e3 * float_s:.0f} ms of CPU); torch's RAdam takes {torch_s / fused_s:.1f} times FusedRAdam"
    )
    print("times a step of QAT: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in figures["over_qat"].items()))
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
