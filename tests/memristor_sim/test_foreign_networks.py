"""Networks that others wrote run on crossbars, small ones; those whose package is not installed are skipped."""

import copy
import warnings

import pytest
import torch

from memristor_sim import mapping_report, physical, prepare, program
from memristor_sim.crossbar import Crossbar
from tests.memristor_sim.foreign_networks import NETWORKS, outputs

PACKAGES = ("torch", "torchaudio", "transformers", "conformer")
SMALL = [name for name in NETWORKS if name.split()[0] in PACKAGES and "Demucs" not in name]
EXPECTED_LEFT = {"torchaudio WavLM": "attention.attention"}  # computes with the weights of an nn.MultiheadAttention


def _output(model, call):
    torch.manual_seed(1)  # some have dropout that is never switched off
    return outputs(model(**call))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SMALL)
def test_network(name):
    pytest.importorskip(name.split()[0])
    torch.manual_seed(0)
    model, call = NETWORKS[name]()
    hardware = physical(read_noise=None, map_depthwise=True)
    with torch.no_grad():
        wanted = outputs(model.eval()(**call))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            built = program(copy.deepcopy(model), hardware, 0, calibration=[call])
        found = _output(built, call)
    report = mapping_report(built)
    left = EXPECTED_LEFT.get(name)
    if left is None:
        assert report.weight_share > 0.95, str(report)
    else:
        assert any(layer.name.endswith(left) for layer in report.left)
    assert {one.name for one in built.modules() if isinstance(one, Crossbar)}
    assert found.shape == wanted.shape and not torch.equal(found, wanted)
    padding = wanted == 0  # what the fast path of nn.TransformerEncoder gives for padding
    assert float(torch.corrcoef(torch.stack([found[~padding], wanted[~padding]]))[0, 1]) > 0.93
    names = tuple(layer.name for layer in report.layers if layer.left)
    again = prepare(model, physical(read_noise=None, map_depthwise=True, exclude=names))
    again.load_state_dict(built.state_dict())
    with torch.no_grad():
        assert torch.equal(_output(again, call), found)
