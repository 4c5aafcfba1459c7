"""Digits of weights: every coding adds up to the weight, and its planes, copies and arrays are counted."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from memristor_sim import MemristorError, Positional, Unary, physical, prepare, program
from memristor_sim.cost import LayerShape, layer_cost
from memristor_sim.crossbar import Crossbar
from memristor_sim.mapping import digits, mapping_of

CODINGS = [Positional(), Positional(copies=2), Positional(copies=3), Unary(), Unary(copies=2)]


@given(st.sampled_from(CODINGS), st.integers(2, 5), st.sampled_from([2, 4, 8]))
def test_digits_times_their_planes_are_the_weight(coding, weight_bits, levels):
    magnitude = np.arange(2 ** (weight_bits - 1)).reshape(1, 1, -1)
    mapping = mapping_of("LinearCrossbar", magnitude.shape, weight_bits, physical(coding=coding, levels=levels))
    found = digits(magnitude, mapping)
    assert found.dtype == np.uint8 and found.shape == mapping.shape and found.max() < levels
    np.testing.assert_allclose(np.tensordot(mapping.plane_weights, found, 1), magnitude, rtol=1e-12)


def test_planes_and_crossbars_are_counted():
    shape = LayerShape(name="a", rows=384, columns=384, weight_bits=3)
    counted = {str(coding): layer_cost(shape, physical(coding=coding)).crossbars // 18 for coding in CODINGS}
    assert counted == {"positional": 2, "positional*2": 4, "positional*3": 6, "unary": 3, "unary*2": 6}
    assert physical(coding=Unary(), levels=4).planes(4) == 3 and physical(coding=Unary()).planes(4) == 7


def test_impossible_codings_are_refused_in_one_sentence():
    for make in (lambda: Unary(copies=0), lambda: Positional(copies=100)):
        with pytest.raises(MemristorError, match="copies is"):
            make()
    with pytest.raises(MemristorError, match=r"Unary\(copies=1\) takes 32767 planes"):
        physical(coding=Unary()).planes(16)
    for wrong in (Unary, "unary"):
        with pytest.raises(MemristorError, match="Hardware.coding"):
            physical(coding=wrong)


def errors(coding, **changes):
    """Output errors of a layer on a device without read noise, and its output."""
    torch.manual_seed(0)
    layer, x = nn.Linear(256, 200, bias=False), 0.3 * torch.randn(200, 256)
    hardware = physical(weight_bits=3, read_noise=None, coding=coding, **changes)
    built = program(nn.Sequential(layer), hardware, 1, input_range=1.0)
    mapping = mapping_of("LinearCrossbar", (1, 256, 200), 3, hardware)
    assert [one.mapping for one in built.modules() if isinstance(one, Crossbar)] == [mapping]
    scale = layer.weight.abs().max() / 3
    exact = x @ ((layer.weight / scale).round() * scale).T
    return (built(x) - exact).detach().std() / exact.detach().std(), built


def test_unary_planes_and_copies_make_devices_quieter():
    plain, unary, two, three = (errors(coding)[0] ** 2 for coding in (CODINGS[0], CODINGS[3], *CODINGS[1:3]))
    assert unary < 0.85 * plain
    assert 0.4 * plain < two < 0.75 * plain and three < 0.9 * two  # the I-V curve stays


def test_the_first_copy_is_the_device_without_copies():
    one, two = (errors(coding)[1][0].crossbar for coding in (Positional(), Positional(copies=2)))
    assert torch.equal(one.r_plus, two.r_plus[:2]) and torch.equal(one.r_minus, two.r_minus[:2])
    assert not torch.equal(two.r_plus[:2], two.r_plus[2:])


def test_a_state_loads_into_its_own_coding_alone():
    built = errors(Unary())[1]
    assert "coding=unary" in built[0].crossbar.mapping.text()
    fresh = prepare(nn.Sequential(nn.Linear(256, 200, bias=False)), physical(weight_bits=3, coding=Unary()))
    fresh.load_state_dict(built.state_dict())
    assert torch.equal(fresh[0].crossbar.r_plus, built[0].crossbar.r_plus)
    other = prepare(nn.Sequential(nn.Linear(256, 200, bias=False)), physical(weight_bits=3, coding=Unary(copies=2)))
    with pytest.raises(MemristorError, match="another mapping"):
        other.load_state_dict(built.state_dict())


def test_the_default_coding_is_no_part_of_ids_or_states():
    from sisyphus.hash import short_hash

    assert short_hash(physical(coding=Positional())) == short_hash(physical()) == "VY3P9tyeFVBB"
    assert len({short_hash(physical(coding=coding)) for coding in CODINGS}) == len(CODINGS)
    assert "coding" not in errors(Positional())[1][0].crossbar.mapping.text()
