"""Graphs that torch makes of a programmed model: the same results without noise, fresh noise with it."""

import copy

import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, check_inputs, paper, physical, program
from memristor_sim.hardware import Adc, Quantisation, Wires
from memristor_sim.quantisation import Largest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(6, 12, 3, padding=1)
        self.encoder = nn.Linear(12, 12)
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        return self.head(self.encoder(self.conv(x).transpose(1, 2)).relu())


def compiled(model, x):
    torch._dynamo.reset()
    return torch.compile(model, backend="aot_eager", fullgraph=True)


def exported(model, x):
    return torch.export.export(model, (x,)).module()


def traced(model, x):
    return torch.jit.trace(model, (x,), check_trace=False)


GRAPHS = [compiled, exported, traced]


def programmed(hardware):
    torch.manual_seed(0)
    x = torch.randn(2, 6, 9)
    return program(Network().eval(), hardware, 0, calibration=[x]), x


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(
    "changes",
    [{}, {"quantisation": Quantisation(adc=Largest(), per_column=True)}, {"wires": Wires(segment_ohm=20.0)}],
    ids=str,
)
def test_without_noise_a_graph_gives_what_the_model_gives(graph, changes):
    fine = {
        "read_noise": None,
        "tile_rows": 16,
        "weight_bits": 3,
        "adc": Adc(precision_bits=12),
    }  # half steps are not met twice
    model, x = programmed(physical(**fine, **changes))
    with torch.no_grad():
        wanted, found = model(x), graph(model, x)(x)
    torch.testing.assert_close(found, wanted, atol=0.02, rtol=0)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("hardware", [physical(weight_bits=3), paper(weight_bits=3)], ids=["physical", "paper"])
def test_noise_is_fresh_at_each_call_follows_the_seed_and_is_as_strong_as_before(graph, hardware):
    model, x = programmed(hardware)
    with torch.no_grad():
        run = graph(model, x)
        torch.manual_seed(1)
        first, second = run(x), run(x)
        torch.manual_seed(1)
        assert torch.equal(run(x), first) and not torch.equal(first, second)
        spread = torch.stack([run(x) for _ in range(20)]).std(0).mean()
        wanted = torch.stack([model(x) for _ in range(20)]).std(0).mean()
    assert float(spread / wanted) == pytest.approx(1, abs=0.25)


def test_sequences_of_a_batch_share_noise_in_graphs_as_well():
    layer = program(nn.Linear(8, 4), paper(), 0, input_range=3.0)
    x = torch.randn(1, 5, 8).expand(3, 5, 8).contiguous()
    y = traced(layer, x)(x)
    assert torch.equal(y[0], y[1]) and torch.equal(y[0], y[2]) and not torch.equal(y[0, 0], y[0, 1])


def test_inputs_are_checked_unless_that_is_switched_off():
    model, x = programmed(physical(read_noise=None))
    x[0, 0, 0] = float("inf")
    with pytest.raises(MemristorError, match="'conv' is inf"):
        model(x)
    check_inputs(model, False)
    model.conv(x)
    check_inputs(model, True)
    with pytest.raises(MemristorError):
        model(x)


def test_tables_are_no_part_of_the_state():
    assert not [key for key in programmed(physical())[0].state_dict() if "tables" in key]
    moved = copy.deepcopy(programmed(physical())[0]).half()
    assert {one.dtype for key, one in moved.named_buffers() if key.endswith("tables")} == {torch.float32}
