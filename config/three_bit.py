"""How near to float do three bits come? Levers of training alone and together, on devices; the best at 4 and 2 bit."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.quantization.ranges import Lsq, MseClip, RunningMaximum, SigmaClip
from recipe.systems import Float, Ptq, Qat, System, device_of
from recipe.training.options import DeviceNoise, Distil, GaussianNoise
from setups.mini import mini

COLUMN = {"weight_range": Lsq(per_column=True)}
TAUGHT = {"start": Float(), "distil": Distil()}


def together(bits: int, **options) -> Qat:
    """Learned steps of columns and inputs, begun from the float model and taught by it."""
    return Qat(bits, COLUMN | {"input_range": Lsq()}, **TAUGHT, **options)


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
    alone += [Qat(3, start=Float()), Qat(3, distil=Distil()), Qat(3, **TAUGHT)]
    alone += [*(Qat(3, noise=noise) for noise in noises), Qat(3, noise=DeviceNoise(), fine_tune=0.2)]
    return [*alone, together(3), together(3, noise=DeviceNoise()), together(3, noise=DeviceNoise(), fine_tune=0.2)]


def py():
    best = [together(bits, noise=DeviceNoise()) for bits in (4, 2)]
    trained = [*levers(), Qat(4), Qat(2), *best]
    calibrated = [Ptq(3), Ptq(3, {"weight_range": RunningMaximum(per_column=True)})]
    calibrated += [Ptq(3, {"weight_range": MseClip(per_column=on)}) for on in (False, True)]
    systems: list[System] = [Float(), *calibrated, *trained]
    return run(mini(), systems + [device_of(qat, seed, physical()) for qat in trained for seed in (1, 2, 3)])
