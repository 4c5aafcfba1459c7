import dataclasses
import subprocess
import sys

import pytest

from memristor_sim import errors
from memristor_sim.hardware import (
    PAPER_NOISE,
    PHYSICAL_NOISE,
    Adc,
    Cycles,
    Dac,
    Hardware,
    RandomPulses,
    ReadNoise,
    StuckAt,
    Synaptogen,
    Verify,
    paper,
    physical,
)


@pytest.mark.parametrize(
    ("cls", "fields", "named"),
    [
        (Dac, {"bits": 0}, "Dac.bits"),
        (Dac, {"full_scale_v": 0.8}, "beyond the read range"),
        (Dac, {"full_scale_v": float("nan")}, "Dac.full_scale_v"),
        (Adc, {"precision_bits": 0, "range_bits": 0}, "Adc.precision_bits"),
        (Hardware, {"tile_rows": 0}, "Hardware.tile_rows"),
        (Hardware, {"weight_bits": 1}, "Hardware.weight_bits"),
        (Hardware, {"levels": 3}, "Hardware.levels"),
        (Hardware, {"include": "*"}, "Hardware.include"),
        (Hardware, {"value_per_ampere": float("inf")}, "Hardware.value_per_ampere"),
        (Hardware, {"cell": "reram"}, "Hardware.cell"),
        (Hardware, {"cell": Synaptogen}, "Hardware.cell"),
        (ReadNoise, {"bandwidth_hz": -1.0}, "ReadNoise.bandwidth_hz"),
        (Cycles, {"count": -1}, "Cycles.count"),
        (RandomPulses, {"amplitude_v": 0.0}, "RandomPulses.amplitude_v"),
        (StuckAt, {"low": 0.7, "high": 0.7}, "StuckAt"),
        (Verify, {"read_v": 1.0}, "Verify.read_v"),
        (Verify, {"read_v": 0.0}, "Verify.read_v"),
    ],
)
def test_impossible_settings_are_refused_in_one_sentence(cls, fields, named):
    with pytest.raises(errors.MemristorError, match=named) as caught:
        cls(**fields)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_paper_converters_have_257_levels():
    for converter in (Dac(), Adc()):
        assert converter.highest - converter.lowest + 1 == 257
    for converter in (Dac(symmetric=False), Adc(symmetric=False)):
        assert converter.highest - converter.lowest + 1 == 256
    assert Adc().highest * 2.0 ** -Adc().precision_bits == 8


@pytest.mark.parametrize(("weight_bits", "levels", "planes"), [(8, 2, 7), (2, 2, 1), (8, 4, 4), (3, 4, 1), (8, 16, 2)])
def test_digit_planes(weight_bits, levels, planes):
    assert Hardware(levels=levels).planes(weight_bits) == planes


def test_presets_differ_in_noise_and_history_alone():
    assert physical().read_noise == PHYSICAL_NOISE and paper(cycles=3).read_noise == PAPER_NOISE
    assert paper(cycles=3).conditioning == RandomPulses(count=150)
    assert physical() == dataclasses.replace(paper(cycles=1), read_noise=PHYSICAL_NOISE)
    assert physical(tile_rows=64).tile_rows == 64


def test_hardware_values_import_no_torch_and_no_numpy():
    code = (
        "import sys; from memristor_sim.cells.measured_levels import EXAMPLE, MeasuredLevels; "
        "from memristor_sim import physical; physical(cell=MeasuredLevels.from_csv(EXAMPLE)); "
        "sys.exit(bool({'torch', 'numpy'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_default_cell_does_not_enter_job_hashes():
    """Recorded before there was a choice of cells: ids of all jobs on hardware depend on it."""
    from sisyphus.hash import short_hash

    assert short_hash(physical()) == "VY3P9tyeFVBB" and short_hash(paper(cycles=3)) == "XuxzYAukd2go"
    assert short_hash(Hardware(value_per_ampere=8020.0)) == short_hash(Hardware())
    assert short_hash(Hardware(value_per_ampere=8000.0)) != short_hash(Hardware())
