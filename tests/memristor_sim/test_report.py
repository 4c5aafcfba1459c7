"""The report names every weight of a foreign network once, and conversion says what it leaves."""

import copy
import warnings

import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, MemristorWarning, mapping_report, physical, prepare, program
from memristor_sim.hardware import Adc, Dac

QUIET = physical(read_noise=None)


class Strange(nn.Module):
    """A layer that nobody knows."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(6, 6))

    def forward(self, x):
        return x @ self.matrix


class Foreign(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 6)
        self.conv = nn.Conv1d(6, 6, 3, padding=1)
        self.depthwise = nn.Conv1d(6, 6, 3, padding=1, groups=6)
        self.norm = nn.LayerNorm(6)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.strange = Strange()
        self.functional = nn.Linear(6, 6)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 10, bias=False)

    def forward(self, tokens):
        x = self.conv(self.table(tokens).transpose(1, 2))
        x = self.norm(self.depthwise(x).transpose(1, 2))
        x = self.strange(self.attention(x, x, x)[0])
        return self.head(self.lstm(nn.functional.linear(x, self.functional.weight))[0])


TOKENS = torch.arange(14).view(2, 7) % 10


def programmed(model, hardware=QUIET, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MemristorWarning)
        return program(model, hardware, 0, calibration=[TOKENS], **kwargs)


def test_every_weight_is_named_once_with_the_reason_why_it_was_left():
    model = Foreign()
    weights = sum(tensor.numel() for key, tensor in model.named_parameters() if "bias" not in key)
    report = mapping_report(programmed(model))
    assert sum(layer.weights for layer in report.layers) == weights
    assert [layer.name for layer in report.mapped] == ["conv", "attention", "lstm", "head"]
    assert {layer.name: layer.left.split()[0] for layer in report.left} == {
        "depthwise": "one", "strange": "no", "functional": "the",
    }  # fmt: skip
    assert {layer.name for layer in report.layers if not layer.is_product} == {"table", "norm"}
    mapped = 6 * 6 * 3 + 4 * 6 * 6 + 2 * 20 * (6 + 5) + 100
    assert report.weight_share == pytest.approx(mapped / (mapped + 6 * 3 + 36 + 36))
    text = str(report)
    assert all(layer.name in text for layer in report.layers) and "never called it" in text


def test_multiply_adds_are_counted_by_hand():
    counted = {layer.name: layer.multiply_adds for layer in mapping_report(programmed(Foreign())).layers}
    vectors = 2 * 7
    assert counted["conv"] == vectors * 6 * 6 * 3 and counted["depthwise"] == vectors * 6 * 3
    assert counted["attention"] == vectors * 4 * 6 * 6 and counted["lstm"] == vectors * 2 * 20 * (6 + 5)
    assert counted["head"] == vectors * 100 and counted["functional"] == 0 and counted["strange"] is None
    report = mapping_report(programmed(Foreign()))
    mapped = sum(counted[name] for name in ("conv", "attention", "lstm", "head"))
    assert report.multiply_add_share == pytest.approx(mapped / (mapped + counted["depthwise"]))


@pytest.mark.parametrize(
    ("layer", "x", "vectors"),
    [
        (nn.ConvTranspose1d(4, 6, 3, stride=2), torch.randn(2, 4, 5), 10),
        (nn.Conv2d(4, 6, 3, groups=2), torch.randn(2, 4, 5, 5), 18),
        (nn.RNN(4, 6, nonlinearity="relu"), torch.randn(5, 2, 4), 10),
        (nn.GRUCell(4, 6), torch.randn(3, 4), 3),
        (nn.Bilinear(4, 4, 3), None, 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_multiply_adds_of_a_layer_are_its_weights_times_vectors(layer, x, vectors):
    weights = sum(tensor.numel() for key, tensor in layer.named_parameters() if "bias" not in key)
    call = (torch.randn(2, 4), torch.randn(2, 4)) if x is None else (x,)
    report = mapping_report(program(layer, QUIET, 0, calibration=[call]))
    assert report.layers[0].multiply_adds == vectors * weights and report.multiply_add_share == 1.0


def test_without_calibration_nothing_is_counted():
    model = nn.Sequential(nn.Linear(3, 2))
    for report in (
        mapping_report(program(copy.deepcopy(model), QUIET, 0, input_range=1.0)),
        mapping_report(prepare(model, QUIET)),
    ):
        assert report.multiply_add_share is None and report.weight_share == 1.0


def test_what_stays_digital_against_expectation_is_warned_of_in_one_sentence():
    torch.manual_seed(0)  # of some networks conversions clip, which is told in a sentence of its own
    with pytest.warns(MemristorWarning, match="2 layers of the model stay digital .*'strange'.*'functional'") as caught:
        program(Foreign(), QUIET, 0, calibration=[TOKENS])
    told = [one for one in caught if issubclass(one.category, MemristorWarning)]
    assert len(told) == 1 and "\n" not in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program(Foreign().lstm, QUIET, 0, input_range=1.0)


def test_strict_conversion_leaves_nothing_but_what_patterns_leave():
    model = Foreign()
    with pytest.raises(MemristorError, match="3 layers of the model stay digital .*depthwise") as caught:
        programmed(model, strict=True)
    assert "\n" not in str(caught.value) and type(model.conv) is nn.Conv1d  # nothing was replaced
    model.strange = nn.Identity()
    report = mapping_report(programmed(model, physical(map_depthwise=True, exclude=("functional",)), strict=True))
    assert [layer.name for layer in report.left] == ["functional"]


def test_layers_that_calibration_does_not_drive_stay_and_compute_as_before():
    model = Foreign()
    model.conv.weight.data[:] = 0
    model.conv.bias.data[:] = 0
    built = programmed(model)
    assert type(built.depthwise) is nn.Conv1d and type(built.functional) is nn.Linear
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    model[0].weight.data[:], model[0].bias.data[:] = 0.0, -1.0
    with pytest.warns(MemristorWarning, match="'2': the calibration inputs drove it with zeros alone"):
        built = program(model, QUIET, 0, calibration=[torch.ones(1, 3)])
    assert type(built[2]) is nn.Linear and type(built[0]) is not nn.Linear


def test_another_model_has_no_report():
    with pytest.raises(MemristorError, match="no mapping report"):
        mapping_report(nn.Linear(3, 2))


def test_a_device_that_is_read_with_other_converters_says_so(tmp_path):
    model = nn.Sequential(nn.Linear(4, 3))
    device = program(copy.deepcopy(model), QUIET, 0, input_range=1.0)
    torch.save(device.state_dict(), tmp_path / "device.pt")
    state = torch.load(tmp_path / "device.pt", weights_only=True)
    other = prepare(copy.deepcopy(model), physical(adc=Adc(precision_bits=6), dac=Dac(bits=6)))
    with pytest.warns(
        MemristorWarning, match="'0' was saved with other converters .*precision_bits=4.*precision_bits=6"
    ):
        other.load_state_dict(state)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepare(copy.deepcopy(model), QUIET).load_state_dict(state)
        prepare(copy.deepcopy(model), QUIET).load_state_dict(dict(state))  # without metadata
