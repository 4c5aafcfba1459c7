"""Drift, relaxation and temperature against their formulas, cell by cell."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, prepare, program
from memristor_sim.ageing import own_factors, relaxed
from memristor_sim.components import Adc, Dac, ReadNoise
from memristor_sim.converters import line_tables
from memristor_sim.hardware import Drift, Hardware, Synaptogen, Temperature, Wires, physical
from memristor_sim.seeds import bit_stream

DAY_S = 86_400.0
FINE = Hardware(weight_bits=3, read_noise=None, adc=Adc(precision_bits=16, range_bits=8))


def layer(hardware, bias=False):
    torch.manual_seed(0)
    return program(nn.Linear(40, 9, bias=bias), hardware, 1, input_range=1.0)


def test_states_relax_by_a_stretched_exponential():
    drift = Drift(relaxation_s=DAY_S, stretch=0.5, rest_state=0.4)
    states = np.array([0.0, 0.4, 0.88], np.float16)
    for age_s in (0.0, 100.0, DAY_S, 1e12):
        wanted = 0.4 + (states.astype(float) - 0.4) * np.exp(-np.sqrt(age_s / DAY_S))
        np.testing.assert_allclose(relaxed(states, drift, age_s), wanted, atol=1e-3)
    fresh, aged = (layer(replace(FINE, drift=drift, age_s=age_s)).crossbar for age_s in (0.0, DAY_S))
    wanted = 0.4 + (fresh.r_plus.double() - 0.4) * np.exp(-1)
    torch.testing.assert_close(aged.r_plus.double(), wanted, atol=1e-3, rtol=0)


def test_each_cell_drifts_by_a_power_law_of_its_own():
    drift = Drift(exponent=0.03, exponent_std=0.01, start_s=60.0)
    factors = {
        age_s: own_factors((20_000,), drift, age_s, bit_stream(1, "layer")).astype(float) * drift.common(age_s)
        for age_s in (600.0, DAY_S)
    }
    exponents = {age_s: -np.log(factor) / np.log(1 + age_s / 60) for age_s, factor in factors.items()}
    np.testing.assert_allclose(exponents[600.0], exponents[DAY_S], atol=1e-5)  # one cell, one exponent
    assert exponents[DAY_S].mean() == pytest.approx(0.03, abs=5e-4)
    assert exponents[DAY_S].std() == pytest.approx(0.01, rel=0.03)


def test_a_common_drift_scales_products_and_is_undone_digitally():
    drift, x = Drift(exponent=0.05), torch.rand(30, 40) * 2 - 1
    fresh = layer(FINE)(x)
    for compensated, gain in ((False, (1 + DAY_S) ** -0.05), (True, 1.0)):
        one = replace(drift, compensated=compensated)
        aged = layer(replace(FINE, drift=one, age_s=DAY_S))
        torch.testing.assert_close(aged(x), fresh * gain, atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(aged.weight, layer(FINE).weight * gain, atol=1e-5, rtol=1e-4)
    assert torch.equal(layer(replace(FINE, drift=drift))(x), fresh)  # not yet


@pytest.mark.parametrize("wires", [None, Wires(segment_ohm=1e-7)])
def test_products_of_drifted_cells_are_those_of_their_currents(wires):
    drift = Drift(exponent=0.02, exponent_std=0.02)
    one = layer(replace(FINE, drift=drift, age_s=DAY_S, wires=wires))
    crossbar, fresh = one.crossbar, layer(FINE).crossbar
    assert torch.equal(crossbar.r_plus, fresh.r_plus) and crossbar.attenuated
    x = torch.rand(20, 40) * 2 - 1
    volts = crossbar.dac.full_scale_v * np.round(x.double().numpy()[:, :, None] * 128) / 128
    low, high = Synaptogen().extreme_currents(volts)
    wanted = np.zeros((20, 9))
    for plane, weight in enumerate(crossbar.mapping.plane_weights):
        for sign, polarity, states in ((1, "+", crossbar.r_plus), (-1, "-", crossbar.r_minus)):
            factor = own_factors((40, 9), drift, DAY_S, bit_stream(1, "", polarity, plane, 0, 0, 0, "drift"))
            state = states[plane, 0].double().numpy()
            current = drift.common(DAY_S) * factor * ((1 - state) * low + state * high)
            wanted += sign * weight * 8020 * current.sum(1)
    np.testing.assert_allclose(crossbar(x).numpy(), wanted, atol=4e-3 * np.abs(wanted).max())


def test_a_state_belongs_to_its_age():
    hardware = replace(FINE, drift=Drift(relaxation_s=10.0), age_s=5.0)
    state = layer(hardware).state_dict()
    prepare(nn.Linear(40, 9, bias=False), hardware).load_state_dict(state)
    for age_s in (0.0, 6.0):
        with pytest.raises(MemristorError, match="programmed with another mapping"):
            prepare(nn.Linear(40, 9, bias=False), replace(hardware, age_s=age_s)).load_state_dict(state)


def test_temperature_changes_currents_and_the_thermal_part_of_the_noise():
    noise = ReadNoise(temperature_k=77.0)
    plain = physical(read_noise=noise)
    warm = replace(plain, temperature=Temperature(kelvin=360.0, current_per_k=0.002))
    arguments = Dac(), 1.0
    cold = line_tables(plain.law, arguments[0], plain.noise_at_reading, arguments[1])
    hot = line_tables(warm.law, arguments[0], warm.noise_at_reading, arguments[1])
    np.testing.assert_allclose(hot[0], 1.12 * cold[0])
    volts = np.abs(np.linspace(-0.6, 0.6, 257))
    shot = 2 * noise.charge_c
    thermal = lambda kelvin: 4 * 1.380649e-23 * kelvin / np.where(volts == 0, 1e-12, volts)
    np.testing.assert_allclose(hot[1] / cold[1], 1.12 * (thermal(360) + shot) / (thermal(77) + shot), rtol=1e-9)
    assert replace(plain, temperature=Temperature()).law == plain.cell


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Drift(exponent=-1.0), "Drift.exponent is -1"),
        (lambda: Drift(start_s=0.0), "Drift.start_s is 0"),
        (lambda: Drift(stretch=2.0), "Drift.stretch is 2"),
        (lambda: Temperature(kelvin=-1.0), "Temperature.kelvin is -1"),
        (lambda: Temperature(kelvin=400.0, current_per_k=-0.02), "Temperature.current_per_k is -0.02"),
        (lambda: physical(age_s=5.0), "Hardware.age_s is 5, but nothing changes"),
        (lambda: physical(age_s=-1.0, drift=Drift()), "Hardware.age_s is -1"),
        (lambda: physical(drift=0.1), "Hardware.drift is 0.1"),
        (lambda: physical(spare_columns=-1), "Hardware.spare_columns is -1"),
        (lambda: physical(spare_columns=1, wires=Wires()), "knows no spare columns"),
    ],
)
def test_what_cannot_be_is_named(make, named):
    with pytest.raises(MemristorError, match=named) as caught:
        make()
    assert "\n" not in str(caught.value)
