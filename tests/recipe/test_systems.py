import re
from dataclasses import replace

import pytest

from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Drift, Verify, physical
from recipe.errors import InputError
from recipe.systems import Float, Memristor, Ptq, Qat


@pytest.mark.parametrize("system", [Ptq, Qat, lambda bits: Memristor(bits, 1, physical())])
@pytest.mark.parametrize("bits", [1, 0, -3, 1.5, "4", {}, {"*": 1}, {"blocks.0.*": 8, "*": 1}])
def test_fewer_than_two_bits_or_none_are_refused_with_a_sentence(system, bits):
    with pytest.raises(InputError, match="weight_bits"):
        system(bits)


def test_a_mapping_of_bits_is_kept_in_order_and_named_apart_from_others_of_its_widths():
    mixed = Qat({"blocks.*.feed_forward*": 8, "*.qkv": 4, "*": 8})
    assert mixed.weight_bits == (("blocks.*.feed_forward*", 8), ("*.qkv", 4), ("*", 8))
    assert re.fullmatch(r"qat-8\+4\.[0-9a-f]{4}", mixed.name)
    assert mixed.name != Qat({"*.qkv": 8, "*": 4}).name
    assert mixed == Qat(mixed.weight_bits)


def test_names_of_devices_and_presets_differ():
    names = {Memristor(b, s, physical(), p).name for b in (3, 4) for s in (1, 2) for p in ("physical", "paper")}
    assert len(names) == 8


def test_a_negative_device_seed_is_refused():
    with pytest.raises(InputError, match="device_seed is -1"):
        Memristor(4, -1, physical())


def test_other_choices_make_another_row_of_the_same_kind():
    changed = [Qat(4, {"attention_operand_bits": 8}), Qat(4, {"attention_dropout": True})]
    rows = [Float(), Qat(4), *changed, Qat(4, {"attention_dropout": True, "activation_bits": 6})]
    assert len({row.name for row in rows}) == len({row.row for row in rows}) == 5
    assert changed[0].row == "4 attention_operand_bits=8" and changed[0] != Qat(4)
    assert Qat(4, {"activation_bits": 6, "attention_dropout": True}) == rows[-1]
    assert Ptq(4, {"quantize_depthwise": False}).row == "4 quantize_depthwise=False"


@pytest.mark.parametrize("changes", [{"weight_bits": 3}, {"depthwise": False}, {"attention_operand_bits": 1}])
def test_changes_that_are_no_choices_are_refused(changes):
    with pytest.raises(InputError, match="attention_operand_bits"):
        Qat(4, changes)


def test_a_further_training_has_a_name_of_its_own_in_the_same_row():
    systems = {
        Float(training_seed=2): "float.seed-2",
        Ptq(3, training_seed=2): "ptq-3.seed-2",
        Qat(3, {"attention_dropout": True}, training_seed=2): "qat-3.attention_dropout=True.seed-2",
        Memristor(3, 1, physical(), training_seed=2): "memristor-3.seed-2/physical/device-1",
    }
    for system, name in systems.items():
        assert system.name == name
        assert system.row == replace(system, training_seed=None).row
        assert "training_seed" not in replace(system, training_seed=None).__sis_state__()
        assert system.__sis_state__()["training_seed"] == 2


@pytest.mark.parametrize("seed", [-1, 1.5, "2"])
def test_training_seeds_that_are_none_are_refused(seed):
    for system in (Float, lambda **of: Qat(3, **of), lambda **of: Memristor(3, 1, physical(), **of)):
        with pytest.raises(InputError, match="training_seed is"):
            system(training_seed=seed)


def test_a_device_is_searched_with_known_scale_modes_and_its_default_ones_enter_no_id():
    device = Memristor(3, 1, physical())
    assert "scale_modes" not in device.__sis_state__()
    assert replace(device, scale_modes=("fixed",)).__sis_state__()["scale_modes"] == ("fixed",)
    for wrong in ((), ("tuned", "published")):
        with pytest.raises(InputError, match="Memristor.scale_modes is"):
            Memristor(3, 1, physical(), scale_modes=wrong)


def test_a_device_that_is_read_later_is_another_row_and_a_fresh_one_keeps_its_id():
    fresh = Memristor(3, 1, physical(drift=Drift(exponent=0.01)))
    assert fresh.name == "memristor-3/physical/device-1" and "age_s" not in fresh.__sis_state__()
    aged = replace(fresh, age_s=86_400)
    assert aged.name == "memristor-3/physical + aged 86400 s/device-1" and aged.hardware.age_s == 86_400
    assert aged.hardware != fresh.hardware and aged.row == fresh.row
    with pytest.raises(MemristorError, match="nothing changes with time: give Hardware.drift"):
        Memristor(3, 1, physical(), age_s=86_400)


def test_programming_rounds_are_rows():
    device = Memristor(3, 1, physical(verify=Verify(tolerance=0.05)), "verified 0.05")
    assert device.name == "memristor-3/verified 0.05/device-1" and device.hardware.verify.rounds == 10
