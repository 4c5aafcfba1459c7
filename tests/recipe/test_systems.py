import re
from dataclasses import replace

import pytest

from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Drift, Quantisation, Verify, physical
from memristor_sim.quantisation import Largest
from recipe.errors import InputError
from recipe.hardware.calibration import AdcRanges, ColumnAffine
from recipe.quantization.ranges import Lsq
from recipe.systems import Float, Memristor, Ptq, Qat, device_of
from recipe.training.options import DeviceNoise, Distil, GaussianNoise


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


def test_a_calibrated_device_is_a_row_of_its_own_and_an_uncalibrated_one_that_of_before():
    plain = Memristor(3, 1, physical())
    one = Memristor(3, 1, physical(), calibration=ColumnAffine(seconds=20))
    two = Memristor(3, 1, physical(), "verified", calibration=(ColumnAffine(), AdcRanges()))
    assert one.name == "memristor-3/physical + column affine 20 s/device-1"
    assert two.condition == "verified + ADC ranges 20 s + column affine 20 s"
    assert replace(one, device_seed=2).condition == one.condition and replace(one, calibration=()) == plain
    assert "calibration" not in plain.__sis_state__() and one.__sis_state__()["calibration"] == (ColumnAffine(),)
    with pytest.raises(InputError, match="Memristor.calibration has"):
        Memristor(3, 1, physical(), calibration=("columns",))
    with pytest.raises(InputError, match=r"calibration=AdcRanges\(rule=Largest\(\)\)"):
        Memristor(3, 1, physical(quantisation=Quantisation(adc=Largest())))


def test_ways_to_train_are_named_rows_and_devices_are_made_of_them():
    noise = DeviceNoise(spread=(0, 2))
    qat = Qat(3, {"weight_range": Lsq(per_column=True)}, start=Float(), distil=Distil(weight=0.3), noise=noise)
    assert qat.name == "qat-3.weight_range=lsq-column,start=float,distil=0.3,noise=device-x0-2"
    device = device_of(replace(qat, training_seed=2), 1, physical())
    assert device.name == qat.name.replace("qat", "memristor") + ".seed-2/physical/device-1"
    assert (device.row, device.trained) == (qat.row, replace(qat, training_seed=2))
    assert qat.learns_from == qat.starts_from == Float()
    tuned = replace(qat, fine_tune=0.2, training_seed=2)
    assert tuned.starts_from == replace(qat, noise=None, training_seed=2) and tuned.name.endswith(
        ",fine_tune=0.2.seed-2"
    )


def test_a_way_to_train_enters_the_state_of_a_system_only_where_there_is_one():
    assert Qat(3).__sis_state__() == {"weight_bits": 3}
    assert Qat(3, start=Float()).__sis_state__() == {"weight_bits": 3, "start": Float()}
    assert device_of(Qat(3), 1, physical()) == Memristor(3, 1, physical())
    assert "qat" not in device_of(Qat(3), 1, physical()).__sis_state__()


def test_all_levels_of_a_width_are_the_width():
    assert Qat(2, {"levels": 3}) == Qat(2) and Ptq(4, {"levels": 15}) == Ptq(4)
    assert Qat(3, {"levels": 5}).row == "3 levels=5"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ptq(3, {"weight_range": Lsq()}),
        lambda: Qat(3, start=Float(training_seed=1)),
        lambda: Qat(3, noise=GaussianNoise(per_plane=0.05), fine_tune=0.0),
        lambda: Qat(3, fine_tune=0.2),
        lambda: Memristor(3, 1, physical(), qat=Qat(4)),
        lambda: Qat(3, {"weight_range": "lsq"}),
    ],
)
def test_ways_to_train_that_are_none_are_refused(make):
    with pytest.raises(InputError):
        make()


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
