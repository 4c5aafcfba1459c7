"""A transducer on memristors: float, PTQ, QAT and ten devices each at 8, 4 and 3 bit, on the mini corpus."""

from dataclasses import replace

from config.paper_tables import devices
from memristor_sim.hardware import physical
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.hardware.calibration import AdcRanges, ColumnAffine
from recipe.models.predictor import LstmPredictor
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.transducer import mini_transducer

BITS = (8, 4, 3)
CALIBRATION = (AdcRanges(), ColumnAffine())
"""The joiner's inputs lie near -1 and 1, so that its sums leave the range of the published ADC: three of ten
conversions clip, and nothing is recognised (docs/transducer.md)."""


def py():
    return grid(mini_transducer())


def lstm_predictor():
    return grid(mini_transducer(LstmPredictor()))


def three_bit():
    """A first look: two of the four trainings, ten devices as they are calibrated in the grid, one as it is not."""
    drawn = [Memristor(3, seed, physical(), scale_modes=("tuned",)) for seed in range(1, 11)]
    calibrated = [replace(device, calibration=CALIBRATION) for device in drawn]
    rows: list[System] = [Float(), Ptq(3), Qat(3), *calibrated, drawn[0]]
    return run(mini_transducer(), rows, [Float(), Qat(3), *calibrated[:1]])


def grid(setup: Setup) -> Experiment:
    """All rows of one transducer."""
    digital = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in BITS)]
    programmed = [replace(device, calibration=CALIBRATION) for bits in BITS for device in devices(bits)]
    return run(setup, [*digital, *programmed], [Float(), Qat(3), Memristor(3, 1, physical(), calibration=CALIBRATION)])
