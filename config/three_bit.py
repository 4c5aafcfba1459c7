"""How near to float do three bits come? Levers of training alone and together, on devices; the best at 4 and 2 bit."""

from dataclasses import replace

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.quantization.config import Choice
from recipe.quantization.ranges import Lsq, MseClip, RunningMaximum, SigmaClip
from recipe.systems import Float, Ptq, Qat, System, device_of
from recipe.training.options import DeviceNoise, Distil, GaussianNoise
from setups.mini import mini

LEARNED: dict[str, Choice] = {"weight_range": Lsq(per_column=True), "input_range": Lsq()}
OPERANDS: dict[str, Choice] = {"attention_operand_bits": 8}
"""Products of two activations are digital, so their bits are no matter of crossbars; published are those of weights."""


def taught(qat: Qat) -> Qat:
    """Begun from the float model and taught by it."""
    return replace(qat, start=Float(), distil=Distil())


def together(bits: int) -> Qat:
    """Learned steps of columns and inputs, 8-bit operands, from float and taught, with the noise of devices."""
    return replace(taught(Qat(bits, LEARNED | OPERANDS)), noise=DeviceNoise())


def levers() -> list[Qat]:
    """At 3 bit, the published training first."""
    ranges = (
        Lsq(),
        RunningMaximum(per_column=True),
        Lsq(per_column=True),
        SigmaClip(per_column=True),
        MseClip(per_column=True),
    )
    noises = (
        DeviceNoise(),
        DeviceNoise(spread=(0, 2)),
        GaussianNoise(per_plane=0.05),
        GaussianNoise(of_column_maximum=0.03),
    )
    alone = [Qat(3), *(Qat(3, {"weight_range": rule}) for rule in ranges), Qat(3, {"input_range": Lsq()})]
    alone += [Qat(3, OPERANDS), Qat(3, start=Float()), Qat(3, distil=Distil()), taught(Qat(3))]
    alone += [*(Qat(3, noise=noise) for noise in noises), Qat(3, noise=DeviceNoise(), fine_tune=0.2)]
    alone += [taught(Qat(3, LEARNED)), taught(Qat(3, LEARNED | OPERANDS))]
    return [*alone, together(3), replace(together(3), fine_tune=0.2)]


def py():
    trained = [*levers(), Qat(4), Qat(2), together(4), together(2)]
    calibrated = [Ptq(3), Ptq(3, {"weight_range": RunningMaximum(per_column=True)})]
    calibrated += [Ptq(3, {"weight_range": MseClip(per_column=on)}) for on in (False, True)]
    systems: list[System] = [Float(), *calibrated, *trained]
    return run(mini(), systems + [device_of(qat, seed, physical()) for qat in trained for seed in (1, 2, 3)])
