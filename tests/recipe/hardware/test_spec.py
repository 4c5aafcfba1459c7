import dataclasses

import pytest
import torch

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec, load_model
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from tests.recipe.training.synthetic import MODEL

SPEC = ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=4), hardware=Hardware(read_noise=None))


@pytest.fixture(scope="module")
def quantized(tmp_path_factory):
    """Checkpoint of a quantised model whose ranges are set, features and lengths."""
    torch.manual_seed(0)
    features, lengths = torch.randn(2, 60, 80), torch.tensor([60, 50])
    model = build_model(MODEL, SPEC.quantization).train()
    model(features, lengths)
    path = str(tmp_path_factory.mktemp("model") / "qat.pt")
    save_checkpoint(model, path)
    return path, features, lengths


def output(model, quantized):
    with torch.no_grad():
        return model(*quantized[1:])[0]


def test_hardware_without_quantisation_is_refused():
    with pytest.raises(InputError, match="quantization"):
        ModelSpec(model=MODEL, hardware=Hardware())


def test_cells_are_those_of_the_crossbars(quantized):
    programmed = programmed_model(SPEC, quantized[0], device_seed=1)
    states = [states for name, states in programmed.named_buffers() if name.endswith(("r_plus", "r_minus"))]
    assert SPEC.num_cells == sum(tensor.numel() for tensor in states)
    assert ModelSpec(model=MODEL).num_cells == 0


def test_a_programmed_device_comes_back_from_its_checkpoint(quantized, tmp_path):
    programmed = programmed_model(SPEC, quantized[0], device_seed=1)
    save_checkpoint(programmed, tmp_path / "device.pt")
    loaded = load_model(SPEC, tmp_path / "device.pt")
    assert torch.equal(output(loaded, quantized), output(programmed, quantized))


def test_devices_differ_by_seed_and_only_by_it(quantized):
    first, again, other = (output(programmed_model(SPEC, quantized[0], seed), quantized) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_a_device_is_near_its_digital_model(quantized):
    digital = output(load_model(dataclasses.replace(SPEC, hardware=None), quantized[0]), quantized)
    device = output(programmed_model(SPEC, quantized[0], 1), quantized)
    assert 0 < (device - digital).abs().mean() < 0.2 * digital.std()


def test_a_digital_checkpoint_is_no_device_and_the_other_way_round(quantized, tmp_path):
    with pytest.raises(InputError, match="does not fit the model"):
        load_model(SPEC, quantized[0])
    save_checkpoint(programmed_model(SPEC, quantized[0], 1), tmp_path / "device.pt")
    with pytest.raises(InputError, match="does not fit the model"):
        load_model(dataclasses.replace(SPEC, hardware=None), tmp_path / "device.pt")


def test_programming_needs_hardware(quantized):
    with pytest.raises(InputError, match="ModelSpec.hardware"):
        programmed_model(dataclasses.replace(SPEC, hardware=None), quantized[0], 1)
