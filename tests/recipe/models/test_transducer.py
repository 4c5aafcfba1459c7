from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import memristor_sim
from memristor_sim.clipping import recorded_clipping
from memristor_sim.crossbar import Crossbar
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec
from recipe.models.conformer import small_conformer
from recipe.models.predictor import ContextOnePredictor, LstmPredictor
from recipe.models.transducer import TransducerConfig
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from tests.recipe.models.transducers import CONTEXT_ONE, LSTM, batch, built

BITS = QuantizationConfig(weight_bits=4)
MODELS = pytest.mark.parametrize("model", [CONTEXT_ONE, LSTM], ids=["context one", "lstm"])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"joiner_dim": 0}, "TransducerConfig.joiner_dim is 0; it must be at least 1"),
        ({"ctc_weight": -0.5}, "TransducerConfig.ctc_weight is -0.5; give 0 or more"),
        ({"quantized_parts": ("decoder",)}, "give one or more of encoder, predictor, joiner"),
        ({"quantized_parts": ()}, "give one or more of encoder, predictor, joiner"),
        ({"joint_memory_gb": 0}, "TransducerConfig.joint_memory_gb is 0; give a number above 0"),
        ({"encoder": small_conformer(5000)}, "ContextOnePredictor cannot hold 5000 labels: .* at most 512 labels"),
    ],
)
def test_what_is_out_of_range_is_named(changes, message):
    with pytest.raises(InputError, match=message):
        replace(CONTEXT_ONE, **changes)


def test_an_lstm_holds_any_number_of_labels_and_sizes_are_positive():
    TransducerConfig(encoder=small_conformer(5000), predictor=LstmPredictor())
    with pytest.raises(InputError, match="ContextOnePredictor.num_layers is 0"):
        ContextOnePredictor(num_layers=0)
    with pytest.raises(InputError, match="LstmPredictor.hidden_dim is -1"):
        LstmPredictor(hidden_dim=-1)


def test_a_joint_tensor_above_the_stated_memory_is_refused_with_the_mend():
    model = replace(CONTEXT_ONE, joint_memory_gb=0.001)
    model.check_batches(400, [9, 3])  # 100 frames times 10 labels times 2 (9 + 6) values of 4 bytes: 0.12 MB
    with pytest.raises(InputError, match=r"takes up to 0\.0 GB \(10000 frames times 10 labels\).* allows 0\.001"):
        model.check_batches(40_000, [9, 3])


@MODELS
def test_weights_on_crossbars_are_those_that_it_says(model):
    network = memristor_sim.program(_calibrated(model, seed=0), physical(), 0)
    weights = sum(
        module.mapping.groups * module.mapping.rows * module.mapping.columns
        for module in network.modules()
        if isinstance(module, Crossbar)
    )
    assert weights == model.quantizable_weights > 0
    assert isinstance(network.predictor.embedding, nn.Embedding)  # a lookup stays digital
    assert isinstance(network.encoder.output, nn.Linear)  # CTC's, which recognition does not use


@MODELS
@pytest.mark.parametrize("part", ["encoder", "predictor", "joiner"])
def test_each_part_may_be_quantised_alone(model, part):
    one = replace(model, quantized_parts=(part,))
    network = built(one, BITS)
    quantised = {name.split(".")[0] for name, module in network.named_modules() if isinstance(module, FakeQuantize)}
    assert quantised == {part} and 0 < one.quantizable_weights < model.quantizable_weights


@MODELS
def test_a_quantised_model_takes_the_state_of_the_float_one(model):
    network, quantized = built(model), built(model, BITS)
    ranges = [name for name in quantized.state_dict() if name.endswith(".range")]
    missing, unexpected = quantized.load_state_dict(network.state_dict(), strict=False)
    assert (missing, unexpected) == (ranges, [])


@MODELS
def test_its_encoder_takes_the_state_of_the_ctc_model_it_starts_from(model):
    for quantization in (None, BITS):
        torch.manual_seed(3)
        start = built_ctc(model, quantization)
        network = built(model, quantization)
        network.encoder.load_state_dict(start.state_dict())
        features, lengths, *_ = batch()
        torch.testing.assert_close(network.eval().encoder(features, lengths)[0], start.eval()(features, lengths)[0])
    assert replace(model, warm_start=False).encoder_model is None


def built_ctc(model, quantization):
    from recipe.quantization.build_model import build_model

    return build_model(model.encoder_model, quantization)


def _calibrated(model, seed):
    network = built(model, BITS, seed).eval()
    quantizers = [module for module in network.modules() if isinstance(module, FakeQuantize)]
    features, lengths, *_ = batch()
    with torch.no_grad():
        for quantizer in quantizers:
            quantizer.calibrating = True
        emissions, _ = network(features[:1], lengths[:1])
        network.run_rest(emissions[0])
        for quantizer in quantizers:
            quantizer.calibrating = False
    return network


@MODELS
def test_one_utterance_reaches_the_range_of_every_quantiser_and_every_converter(model):
    network = _calibrated(model, seed=2)
    ranges = {name: float(m.range) for name, m in network.named_modules() if isinstance(m, FakeQuantize)}
    unused = {name for name, value in ranges.items() if value == 0 and "weight_quantizer" not in name}
    assert not unused
    device = memristor_sim.program(network, physical(), 1)
    features, lengths, *_ = batch()
    with torch.no_grad(), recorded_clipping(device) as counters:
        emissions, _ = device(features[:1], lengths[:1])
        device.run_rest(emissions[0])
    assert all(counter.dac_conversions and counter.adc_conversions for counter in counters.values())
    assert {name.split(".")[0] for name in counters} == {"encoder", "predictor", "joiner"}


@MODELS
def test_devices_need_the_cells_of_all_weights(model):
    spec = ModelSpec(model=model, quantization=BITS, hardware=physical())
    assert spec.num_cells == 2 * 3 * model.quantizable_weights


def test_operations_are_those_that_torch_counts_of_the_lattice():
    """For a segment of 8 s with as many labels as the estimate assumes."""
    labels = torch.ones(1, 96, dtype=torch.int64)
    network = built(CONTEXT_ONE).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        hidden, _ = network.encoder.encode(torch.randn(1, 800, 80), torch.tensor([800]))
        network.encoder.log_probs(hidden)
        network.lattice(network.joiner.encoder(hidden), labels)
    assert CONTEXT_ONE.flops_per_s(segment_s=8.0) == pytest.approx(counter.get_total_flops() / 8.0, rel=1e-3)


def test_the_memory_limit_is_no_part_of_its_identity():
    assert CONTEXT_ONE.__sis_state__() == replace(CONTEXT_ONE, joint_memory_gb=1.0).__sis_state__()
    assert CONTEXT_ONE.__sis_state__() != replace(CONTEXT_ONE, ctc_weight=0.3).__sis_state__()
