"""3-bit devices brought nearer to their model without training: calibration, verification, coding; three of each."""

from memristor_sim.hardware import Dac, Hardware, Positional, Unary, Verify, physical
from recipe.graph.run import run
from recipe.hardware.calibration import AdcRanges, ColumnAffine, MatchedNorms
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini

COLUMNS = ColumnAffine(seconds=20)
VERIFY = Verify(tolerance=0.05)
HARDWARE = {
    "physical": physical(),
    "DAC linear in current": physical(dac=Dac(linearised=True)),
    "verify 0.05": physical(verify=VERIFY),
    "unary": physical(coding=Unary()),
    "two copies": physical(coding=Positional(copies=2)),
    "unary verify 0.05": physical(coding=Unary(), verify=VERIFY),
}
CALIBRATIONS = ((), COLUMNS, (AdcRanges(), COLUMNS), MatchedNorms(), (COLUMNS, MatchedNorms()))


def devices(name: str, hardware: Hardware, calibrations: tuple) -> list[Memristor]:
    """Three devices for each calibration."""
    return [Memristor(3, seed, hardware, name, calibration=steps) for steps in calibrations for seed in (1, 2, 3)]


def py():
    rows = [device for name, one in HARDWARE.items() for device in devices(name, one, CALIBRATIONS[:2])]
    rows += devices("physical", physical(), CALIBRATIONS[2:])
    return run(mini(), [Float(), Qat(3), *rows])
