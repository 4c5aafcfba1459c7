"""Joules, seconds and areas by hand."""

import pytest

from memristor_sim.bounds import Assumed, Bounds
from memristor_sim.energy import Energy, EnergyModel, LayerWork
from memristor_sim.errors import MemristorError


def exactly(value: float) -> Assumed:
    return Assumed(low=value, typical=value, high=value, source="a test")


WORK = LayerWork(
    name="a", vectors=10, summed_power_w=3.0, dac_conversions=2_000, adc_conversions=1_000, adc_bits=8,
    buffer_bytes=400.0, multiply_adds=70, pairs=5, cells=100_000,
)  # fmt: skip


def test_every_part_is_a_count_times_its_constant():
    model = EnergyModel(
        read_time_s=exactly(2e-9),
        dac_conversion_j=exactly(3e-12),
        shift_add_j=exactly(5e-12),
        buffer_j_per_byte=exactly(7e-12),
    )
    energy = model.energy(WORK)
    assert energy.array_j.typical == pytest.approx(6e-9)
    assert energy.dac_j.typical == pytest.approx(6e-9)
    assert energy.adc_j.typical == pytest.approx(1.7137e-9, rel=1e-3)
    assert energy.digital_j.typical == pytest.approx(5e-9 + 2.8e-9)
    assert energy.total_j.typical == pytest.approx(21.5137e-9, rel=1e-4)
    assert sum(energy.shares.values()) == pytest.approx(1) and energy.shares["array"] == pytest.approx(
        6 / 21.5137, 1e-3
    )
    assert model.energy_of([WORK, WORK]).total_j.high == pytest.approx(2 * energy.total_j.high)
    assert (energy * 0.5).dac_j.low == pytest.approx(3e-9)


def test_arrays_of_a_layer_work_at_the_same_time_and_share_adcs_below_one_per_pair():
    model = EnergyModel(read_time_s=exactly(1e-8), adc_samples_per_s=1e6)
    assert model.latency_s([WORK]).typical == pytest.approx(10 * 1e-8 + 1_000 / 5 / 1e6)
    assert model.latency_s([WORK, WORK]).typical == pytest.approx(2 * (1e-7 + 2e-4))
    shared = EnergyModel(read_time_s=exactly(1e-8), adc_samples_per_s=1e6, adcs_per_pair=0.2)
    assert shared.latency_s([WORK]).typical == pytest.approx(10 * 5 * 1e-8 + 1_000 / 1e6)
    assert shared.area_mm2([WORK]).typical < model.area_mm2([WORK]).typical


def test_area_is_that_of_cells_and_converters():
    model = EnergyModel(cell_area_um2=exactly(0.5), technology_nm=exactly(32))
    assert model.area_mm2([WORK]).typical == pytest.approx(1e-6 * (50_000 + 5 * 2598.14), rel=1e-4)


def test_an_isaac_array_takes_what_its_table_says():
    """Eight arrays of 128 x 128: 0.0002 mm^2; an ADC: 0.0096 / 8 mm^2, which the fit of later converters exceeds."""
    model = EnergyModel(adc_samples_per_s=1.28e9)
    eight = LayerWork(**vars(WORK) | {"cells": 8 * 128 * 128, "pairs": 0})
    assert model.area_mm2([eight]).low == pytest.approx(0.0002, rel=0.05)


def test_assumptions_have_ranges_and_sources_that_enter_no_job_id():
    assumed = EnergyModel().assumptions()
    assert {"read_time_s", "dac_conversion_j", "dram_j_per_byte", "cell_area_um2"} <= set(assumed)
    for one in assumed.values():
        assert 0 < one.low <= one.typical <= one.high and len(one.source) > 10
        assert set(one.__sis_state__()) == {"low", "typical", "high"}


def test_what_cannot_be_is_refused():
    with pytest.raises(MemristorError, match="low <= typical"):
        Bounds(low=2, typical=1, high=3)
    with pytest.raises(MemristorError, match="adcs_per_pair is 0"):
        EnergyModel(adcs_per_pair=0)


def test_nothing_takes_nothing():
    assert Energy().total_j.high == 0 and Energy().shares["adc"] == 0
    assert EnergyModel().energy_of([]) == Energy() and EnergyModel().area_mm2([]).high == 0
