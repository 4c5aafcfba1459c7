"""Which models `find_pair` takes from config/tiny.py; nothing runs, and fixtures say which artefacts are finished."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sisyphus import tk

from memristor_sim.hardware import Drift, paper, physical
from recipe.errors import InputError
from recipe.graph.experiment import Experiment
from recipe.hardware.calibration import ColumnAffine
from recipe.systems import Memristor, Qat, System
from recipe.transcribe import artefacts
from recipe.transcribe.artefacts import Recogniser, find_pair, hardware_of
from setups.tiny import tiny

ROOT = Path(__file__).resolve().parents[3]
CONFIG = "config/tiny.py"
DIGITAL = Qat(3)
DEVICE = Memristor(3, 1, physical())
SCALES = {DIGITAL: (2.2, 0.3), DEVICE: (1.8, 0.7)}

Finish = Callable[[System], dict[str, tk.Path]]


@pytest.fixture
def graph() -> Experiment:
    """The experiment of config/tiny.py: the same jobs as those of another one with this setup."""
    return Experiment(tiny())


@pytest.fixture
def values(monkeypatch) -> dict[tk.Path, float | None]:
    """The artefacts that are finished, with the values of variables. Empty at first."""
    finished: dict[tk.Path, float | None] = {}
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(tk, "register_output", lambda *_, **__: None)
    for kind in (tk.Path, tk.Variable):
        monkeypatch.setattr(kind, "available", lambda path: path in finished)
    monkeypatch.setattr(tk.Variable, "get", lambda variable: finished[variable])
    return finished


@pytest.fixture
def finish(graph, values) -> Finish:
    """Finishes a system; returns what it needs by name."""

    def finish(system: System) -> dict[str, tk.Path]:
        data, tuning = graph.data, graph.tuning(system)
        needed = {
            "checkpoint": graph.model(system).checkpoint,
            "prior": graph.prior(system),
            "labels": data.labels,
            "lexicon": data.lexicon,
            "lm": data.lm,
            "lm_scale": tuning.out_lm_scale,
            "prior_scale": tuning.out_prior_scale,
        }
        values.update(dict.fromkeys(needed.values()))
        values[tuning.out_lm_scale], values[tuning.out_prior_scale] = SCALES[system]
        return needed

    return finish


def is_of(found: Recogniser, system: System, graph: Experiment, files: dict[str, tk.Path]) -> bool:
    """Whether it is made of the system's own model, files and scales, and ready."""
    paths = {name: getattr(found, name) for name in ("checkpoint", "prior", "labels", "lexicon", "lm")}
    return (
        paths == {name: files[name].get_path() for name in paths}
        and (found.lm_scale, found.prior_scale) == SCALES[system]
        and found.spec == graph.model(system).spec
        and (found.name, found.read_noise_seed, found.device_seed) == (system.name, system.read_noise_seed, None)
        and (found.features, found.search) == (graph.setup.features, graph.setup.search)
    )


def test_a_finished_device_comes_with_its_own_files_and_scales(graph, finish):
    files = {system: finish(system) for system in SCALES}
    digital, device = find_pair(CONFIG, "3", "physical", 1)
    assert is_of(digital, DIGITAL, graph, files[DIGITAL]) and is_of(device, DEVICE, graph, files[DEVICE])
    assert device.checkpoint != digital.checkpoint and device.prior == digital.prior


def test_a_device_that_takes_the_scales_of_its_model_is_found_by_the_name_of_its_row(monkeypatch, values):
    setup = tiny()
    experiment = Experiment(replace(setup, scale_grid=replace(setup.scale_grid, devices="digital")))
    calibrated = replace(DEVICE, calibration=ColumnAffine(seconds=5))
    experiment.systems = [DIGITAL, DEVICE, calibrated]
    monkeypatch.setattr(artefacts, "experiment_of", lambda _: experiment)
    data, tuning = experiment.data, experiment.tuning(DIGITAL)
    shared = [data.labels, data.lexicon, data.lm, experiment.prior(DIGITAL)]
    values.update(dict.fromkeys([*shared, *(experiment.model(system).checkpoint for system in experiment.systems)]))
    values.update({tuning.out_lm_scale: 2.2, tuning.out_prior_scale: 0.3})
    for system, preset in ((DEVICE, "physical"), (calibrated, "physical + column affine 5 s")):
        _, device = find_pair(CONFIG, "3", preset, 1)
        assert (device.name, device.device_seed) == (system.name, None)
        assert device.checkpoint == experiment.model(system).checkpoint.get_path()
        assert (device.lm_scale, device.prior_scale) == (2.2, 0.3)
    with pytest.raises(InputError, match=r"give one of physical, paper, physical \+ column affine 5 s as PRESET"):
        find_pair(CONFIG, "3", "physical + column affine 6 s", 1)


@pytest.mark.parametrize("missing", ["checkpoint", "lm_scale", "prior_scale"])
def test_a_device_without_all_of_its_files_is_programmed_now(finish, values, missing):
    finish(DIGITAL)
    del values[finish(DEVICE)[missing]]
    digital, device = find_pair(CONFIG, "3", "physical", 1)
    assert (device.device_seed, device.checkpoint) == (1, digital.checkpoint)


@pytest.mark.parametrize(
    "preset, seed, hardware",
    [
        ("physical", 2, physical()),
        ("physical", 7, physical()),
        ("paper", 1, paper(cycles=1)),
        ("paper", 3, paper(cycles=3)),
    ],
)
def test_another_device_is_programmed_now_from_the_digital_model(finish, preset, seed, hardware):
    finish(DIGITAL), finish(DEVICE)
    digital, device = find_pair(CONFIG, "3", preset, seed)
    assert device.name == f"memristor-3/{preset}/device-{seed}"
    assert (device.device_seed, device.read_noise_seed, device.checkpoint) == (seed, seed, digital.checkpoint)
    assert (device.spec.model, device.spec.quantization) == (digital.spec.model, digital.spec.quantization)
    assert device.spec.hardware == hardware and digital.spec.hardware is None
    assert (device.lm_scale, device.prior_scale, device.prior) == (*SCALES[DIGITAL], digital.prior)


def test_unknown_bits_are_refused_with_those_of_the_graph(finish):
    finish(DIGITAL)
    with pytest.raises(InputError, match=r"config/tiny.py has no 4-bit QAT model \(bits it has: 3\); .* add Qat\(4\)"):
        find_pair(CONFIG, "4", "physical", 1)


@pytest.mark.parametrize("missing", ["checkpoint", "prior", "labels", "lexicon", "lm", "lm_scale", "prior_scale"])
def test_a_digital_model_without_all_of_its_files_is_refused(finish, values, missing):
    del values[finish(DIGITAL)[missing]]
    with pytest.raises(InputError) as refused:
        find_pair(CONFIG, "3", "physical", 1)
    assert str(refused.value) == (
        "the 3-bit QAT model of config/tiny.py is not finished (bits finished: none); "
        "run `make tables CONFIG=config/tiny.py`"
    )


def test_an_unknown_preset_is_refused_with_the_known_ones(finish):
    finish(DIGITAL)
    with pytest.raises(InputError, match="no hardware preset 'sharp' for device 1; give one of physical, paper as"):
        find_pair(CONFIG, "3", "sharp", 1)


def test_a_preset_of_the_graph_comes_before_that_of_the_simulator():
    fine, coarse = physical(tile_rows=64), physical(tile_rows=32)
    devices = [Memristor(3, 1, fine, preset="physical"), Memristor(3, 2, coarse, preset="small")]
    assert hardware_of(devices, "physical", 5) == fine and hardware_of(devices, "small", 5) == coarse
    aged = Memristor(3, 1, replace(fine, drift=Drift(relaxation_s=9.0)), age_s=3_000_000)
    assert hardware_of([*devices, aged], "physical", 5) == fine
    assert hardware_of([*devices, aged], "physical + aged 3000000 s", 5).age_s == 3_000_000
    several = [*devices, Memristor(4, 1, fine, preset="small")]
    with pytest.raises(InputError, match="no hardware preset 'small' for device 5; give one of physical, paper, small"):
        hardware_of(several, "small", 5)
