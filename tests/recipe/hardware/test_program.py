"""Networks of the recipe on simulated devices: what is mapped, and that the device computes what the network does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import memristor_sim
from memristor_sim.cost import model_costs
from memristor_sim.hardware import physical
from recipe.formats.checkpoint import save_checkpoint
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec, load_model
from recipe.models.conformer import small_conformer
from recipe.models.lstm import LstmConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.layers import QuantizedLstm
from recipe.report.states import write_cell_states

LSTM = LstmConfig(num_labels=9, model_dim=16, hidden_dim=20, num_layers=2)
CONFORMER = small_conformer(9, num_blocks=1, model_dim=16)
QUIET = physical(read_noise=None)
BITS = QuantizationConfig(weight_bits=4)


@pytest.fixture(params=[LSTM, CONFORMER], ids=["lstm", "conformer"])
def trained(request, tmp_path):
    """Spec and checkpoint of a network whose quantisers have seen inputs."""
    torch.manual_seed(0)
    network = build_model(request.param, BITS).train()
    network(torch.randn(3, 80, 80), torch.tensor([80, 60, 40]))
    save_checkpoint(network.eval(), tmp_path / "qat.pt")
    return ModelSpec(model=request.param, quantization=BITS, hardware=QUIET), str(tmp_path / "qat.pt")


def test_a_device_computes_what_the_network_does(trained):
    spec, checkpoint = trained
    digital, device = load_model(replace(spec, hardware=None), checkpoint), programmed_model(spec, checkpoint, 1).eval()
    features, lengths = torch.randn(2, 80, 80), torch.tensor([80, 80])
    with torch.no_grad():
        wanted, found = digital(features, lengths)[0], device(features, lengths)[0]
    assert not torch.equal(wanted, found)
    assert np.corrcoef(wanted.flatten().numpy(), found.flatten().numpy())[0, 1] > 0.95


def test_crossbars_hold_the_weights_that_the_model_says(trained):
    spec, checkpoint = trained
    network = load_model(replace(spec, hardware=None), checkpoint)
    assert model_costs(network, spec.hardware, vectors_per_s=25)[-1].weights == spec.model.quantizable_weights


def test_a_programmed_checkpoint_gives_the_same_device(trained, tmp_path):
    spec, checkpoint = trained
    first = programmed_model(spec, checkpoint, 1).eval()
    save_checkpoint(first, tmp_path / "device.pt")
    second, other = load_model(spec, tmp_path / "device.pt"), programmed_model(spec, checkpoint, 2).eval()
    features, lengths = torch.randn(1, 80, 80), torch.tensor([80])
    with torch.no_grad():
        results = [device(features, lengths)[0] for device in (first, second, other)]
    assert torch.equal(results[0], results[1]) and not torch.equal(results[0], results[2])


def test_histograms_count_every_cell_of_the_device(trained, tmp_path):
    spec, checkpoint = trained
    save_checkpoint(programmed_model(spec, checkpoint, 1), tmp_path / "device.pt")
    write_cell_states(spec, checkpoint, str(tmp_path / "device.pt"), str(tmp_path / "states.csv"))
    rows = [line.split(",") for line in (tmp_path / "states.csv").read_text().splitlines()[1:]]
    counted = {quantity: sum(int(row[3]) for row in rows if row[0] == quantity) for quantity in {r[0] for r in rows}}
    pairs = 3 * spec.model.quantizable_weights  # planes of 4 bit
    assert counted == {"conductance_us": 2 * pairs, "pair_value": pairs}


def test_an_lstm_on_a_device_has_the_integers_of_its_quantisers(tmp_path):
    torch.manual_seed(0)
    layer = QuantizedLstm(torch.nn.LSTM(12, 25, batch_first=True), 4, 8).train()
    x = torch.randn(3, 15, 12)
    layer(x)
    layer.eval()
    built = memristor_sim.program(torch.nn.ModuleList([layer]), QUIET, 3)[0]
    for part, scaled in (("ih_l0", built.inputs[0]), ("hh_l0", built.recurrents[0])):
        weight_scale, full_scale = scaled.scale.tolist()
        assert weight_scale == pytest.approx(layer.quantized_part(part).weight_scale)
        assert full_scale == pytest.approx(layer.input_range if part == "ih_l0" else 1.0)
        planes = scaled.crossbar.mapping.plane_weights
        states = (scaled.crossbar.r_minus.float() - scaled.crossbar.r_plus.float()) > 0.3
        negative = (scaled.crossbar.r_plus.float() - scaled.crossbar.r_minus.float()) > 0.3
        read = sum(w * (one.int() - other.int()) for w, one, other in zip(planes, states, negative, strict=True))
        assert (read[0].T == layer.quantized_part(part).integer_weight()).float().mean() > 0.999
    found, wanted = built(x)[0], layer(x)[0]
    assert np.corrcoef(found.flatten().numpy(), wanted.detach().flatten().numpy())[0, 1] > 0.98
    steps = found / layer.output_quantizer.scale
    torch.testing.assert_close(steps, steps.round(), rtol=0, atol=1e-3)
