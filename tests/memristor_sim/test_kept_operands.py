"""Operands that are kept between reads: within the budget, and never those of other states."""

import copy
import gc
import pickle

import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, kept_operands, physical, program, set_operand_budget
from memristor_sim.hardware import Wires
from memristor_sim.kept_operands import _Memory

BYTES = 2 * 4 * 3 * 40 * 32
"""Of a layer of 40 inputs and 32 outputs: mean and variance, float32, three planes."""


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    monkeypatch.setattr(kept_operands, "_PROCESS", _Memory())
    return kept_operands._PROCESS


def layer(seed=0, **changes):
    torch.manual_seed(seed)
    return program(nn.Linear(40, 32), physical(weight_bits=4, **changes), seed, input_range=2.0)


def inputs(vectors=20):
    return torch.randn(vectors, 40, generator=torch.Generator().manual_seed(1))


def read(model, x=None):
    torch.manual_seed(3)
    return model(inputs() if x is None else x)


@pytest.mark.parametrize("changes", [{}, {"read_noise": None}, {"wires": Wires(segment_ohm=5.0)}, {"tile_rows": 16}])
@pytest.mark.parametrize("vectors", [1, 20, 700])
def test_values_do_not_depend_on_what_is_kept(changes, vectors, memory):
    model, x = layer(**changes), inputs(vectors)
    set_operand_budget(0)
    wanted = read(model, x)
    assert memory.taken_bytes == 0
    set_operand_budget(1 << 20)
    first, second = read(model, x), read(model, x)
    assert torch.equal(first, wanted) and torch.equal(second, wanted)
    terms = (1 if "read_noise" in changes else 2) * (2 if "wires" in changes else 1)
    assert memory.taken_bytes == BYTES // 2 * terms


def test_the_budget_holds_for_all_crossbars_and_is_given_back(memory):
    set_operand_budget(int(1.5 * BYTES))
    models = [layer(seed) for seed in range(3)]
    for model in models:
        read(model)
    assert memory.taken_bytes == BYTES
    del models[0], model
    gc.collect()
    assert memory.taken_bytes == 0
    read(models[0])
    assert memory.taken_bytes == BYTES


def test_a_layer_that_fits_in_part_is_kept_in_part(memory):
    model = layer(tile_rows=16)
    set_operand_budget(0)
    wanted = read(model)
    set_operand_budget(BYTES - 1)
    assert torch.equal(read(model), wanted) and torch.equal(read(model), wanted)
    assert memory.taken_bytes == BYTES * 32 // 40


@pytest.mark.parametrize("limit", [-1, 1.5, "1 GB", True, None])
def test_a_budget_that_is_no_number_of_bytes_is_refused(limit, memory):
    before = memory.limit_bytes
    with pytest.raises(MemristorError, match="give a whole number of bytes, 0 for none"):
        set_operand_budget(limit)
    assert memory.limit_bytes == before


def written(model, other):
    model.crossbar.write(other.crossbar.r_plus, other.crossbar.r_minus)


def loaded(model, other):
    model.load_state_dict(other.state_dict())


def changed_in_place(model, other):
    model.crossbar.r_plus.copy_(other.crossbar.r_plus)
    model.crossbar.r_minus[:] = other.crossbar.r_minus


@pytest.mark.parametrize("change", [written, loaded, changed_in_place])
def test_other_states_are_unpacked_anew(change, memory):
    model, other = layer(1), layer(2)
    other.bias = model.bias
    other.scale.copy_(model.scale)
    before = read(model)
    set_operand_budget(0)
    wanted = read(other)
    set_operand_budget(1 << 20)
    change(model, other)
    assert torch.equal(read(model), wanted) and not torch.equal(wanted, before)
    assert memory.taken_bytes == BYTES


def test_copies_and_pickles_keep_nothing_and_read_the_same(memory):
    model = layer()
    wanted = read(model)
    for copied in (copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        other = copied(model)
        assert memory.taken_bytes == BYTES
        assert torch.equal(read(other), wanted) and memory.taken_bytes == 2 * BYTES
        del other
        gc.collect()


def test_a_change_of_a_copy_is_none_of_the_original(memory):
    model = layer()
    wanted = read(model)
    other = copy.deepcopy(model)
    other.crossbar.r_plus += 0.1
    assert not torch.equal(read(other), wanted) and torch.equal(read(model), wanted)


def test_inference_tensors_are_not_kept_as_they_do_not_tell_when_they_are_written(memory):
    with torch.inference_mode():
        model = layer()
        wanted = read(model)
        assert memory.taken_bytes == 0
        model.crossbar.r_plus += 0.1
        assert not torch.equal(read(model), wanted)


def test_what_was_kept_in_inference_mode_serves_gradients_as_well(memory):
    model = layer()
    with torch.inference_mode():
        wanted = read(model)
    assert memory.taken_bytes == BYTES
    x = inputs().requires_grad_()
    y = read(model, x)
    y.sum().backward()
    assert torch.equal(y.detach(), wanted) and x.grad.abs().max() > 0


def test_steps_of_a_recurrent_layer_share_what_is_kept_and_more(memory):
    torch.manual_seed(0)
    model = program(nn.LSTM(40, 30), physical(weight_bits=4), 1, input_range=2.0)
    x = torch.randn(6, 2, 40)
    outputs = []
    for limit in (0, 1 << 20, 1 << 20):
        set_operand_budget(limit)
        outputs.append(read(model, x)[0])
    assert torch.equal(outputs[0], outputs[1]) and torch.equal(outputs[0], outputs[2])
    assert memory.taken_bytes == 2 * 4 * 3 * (40 + 30) * 120
