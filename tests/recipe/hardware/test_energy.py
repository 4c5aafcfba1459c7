"""What a device does while it hears a sample: which utterances, how many vectors, how many conversions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sisyphus import tk

from memristor_sim.cost import model_costs
from memristor_sim.energy import EnergyModel
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfWriter
from recipe.hardware.device_work import DeviceWork, read_work
from recipe.hardware.jobs import EnergyJob
from recipe.hardware.measure_work import device_work
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec, load_model
from recipe.models.conformer import small_conformer
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig

BITS = QuantizationConfig(weight_bits=3)
SPEC = ModelSpec(model=small_conformer(9, num_blocks=1, model_dim=16), quantization=BITS, hardware=physical())
FRAMES = (80, 160, 120, 200)
SEEDS = {"num_utterances": 2, "sample_seed": 1, "read_noise_seed": 3}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Checkpoints of the digital model and its device, and four utterances of noise."""
    folder = tmp_path_factory.mktemp("device")
    torch.manual_seed(0)
    network = build_model(SPEC.model, BITS).train()
    network(torch.randn(3, 80, 80), torch.tensor([80, 60, 40]))
    save_checkpoint(network.eval(), folder / "qat.pt")
    save_checkpoint(programmed_model(SPEC, str(folder / "qat.pt"), 1), folder / "device.pt")
    with HdfWriter(folder / "features.hdf", 80) as writer:
        for number, frames in enumerate(FRAMES):
            writer.append(f"{number}", np.random.default_rng(number).normal(size=(frames, 80)))
    return str(folder / "qat.pt"), str(folder / "device.pt"), [str(folder / "features.hdf")]


def test_every_mapped_weight_does_what_the_frames_of_the_sample_ask_for(files):
    digital, device, features = files
    work = device_work(SPEC, device, features, **SEEDS)
    network = load_model(replace(SPEC, hardware=None), digital)
    *expected, total = model_costs(network, SPEC.hardware, vectors_per_s=25)
    assert [layer.name for layer in work.layers] == [cost.name for cost in expected]
    assert work.utterances == 2 and 100 * work.audio_s in {a + b for a in FRAMES for b in FRAMES if a != b}
    vectors_per_s = {layer.vectors / work.audio_s for layer in work.layers}
    assert vectors_per_s == {25.0}  # no padding
    for name in ("dac", "adc"):
        done = sum(getattr(layer, f"{name}_conversions") for layer in work.layers) / work.audio_s
        assert done == pytest.approx(getattr(total, f"{name}_conversions_per_s"))
    assert work.multiply_adds_per_s == 25 * total.weights
    assert sum(layer.cells for layer in work.layers) == total.cells
    assert work.energy_per_s(EnergyModel()).array_j.typical > 0


def test_a_seed_decides_the_sample_and_equal_seeds_give_equal_work(files):
    _, device, features = files
    first = device_work(SPEC, device, features, **SEEDS)
    assert device_work(SPEC, device, features, **SEEDS) == first
    samples = {device_work(SPEC, device, features, **SEEDS | {"sample_seed": seed}).audio_s for seed in range(4)}
    assert len(samples) > 1
    everything = device_work(SPEC, device, features, **SEEDS | {"num_utterances": 9})
    assert (everything.utterances, everything.audio_s) == (4, sum(FRAMES) / 100)
    other = device_work(SPEC, device, features, **SEEDS | {"read_noise_seed": 4})
    assert other.audio_s == first.audio_s and other != first


def test_a_digital_model_and_silence_are_refused(files):
    digital, _, features = files
    with pytest.raises(InputError, match="needs ModelSpec.hardware"):
        device_work(replace(SPEC, hardware=None), digital, features, **SEEDS)
    with pytest.raises(InputError, match="audio_s is 0"):
        DeviceWork(audio_s=0.0, utterances=0, layers=[])


def test_spare_columns_are_part_of_the_arrays(files):
    digital, device, features = files
    spec = replace(SPEC, hardware=physical(spare_columns=4))
    work = device_work(spec, device, features, **SEEDS)
    total = model_costs(load_model(replace(SPEC, hardware=None), digital), spec.hardware)[-1]
    assert sum(layer.cells for layer in work.layers) == total.cells


def test_the_job_hears_the_sample_of_its_seeds(files, tmp_path):
    _, device, features = files
    paths = [tk.Path(features[0])]
    found = []
    for seeds in (SEEDS, SEEDS | {"sample_seed": 0}, SEEDS | {"read_noise_seed": 4}):
        job = EnergyJob(SPEC, tk.Path(device), paths, **seeds)
        job.out_work.get_path = lambda: str(tmp_path / "work.json")
        job.run()
        found.append(read_work(str(tmp_path / "work.json")))
        assert found[-1] == device_work(SPEC, device, features, **seeds)
    assert found[0] != found[1] and found[0] != found[2]
