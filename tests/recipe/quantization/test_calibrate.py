import pytest
import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfReader
from recipe.quantization.build_model import build_model
from recipe.quantization.calibrate import calibrated_model, sample
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.ranges import MseClip, SigmaClip
from recipe.quantization.weight_quant import weight_quantizer
from tests.recipe.training.synthetic import MODEL, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    torch.manual_seed(0)
    model = build_model(MODEL).eval()
    save_checkpoint(model, folder / "float.pt")
    features = write_corpus(folder, "train", 20)["features"]
    return model, str(folder / "float.pt"), features


def calibrated(corpus, bits: int, num_utterances: int, seed: int = 0):
    _, checkpoint, features = corpus
    quantization = QuantizationConfig(weight_bits=bits, activation_bits=min(16, 2 * bits))
    return calibrated_model(MODEL, quantization, checkpoint, features, num_utterances=num_utterances, seed=seed)


def test_the_sample_depends_on_names_and_seed_alone(corpus):
    _, _, features = corpus
    drawn = sample(features, 5, seed=1)
    assert len(set(drawn)) == 5 and drawn == sample(features[::-1], 5, seed=1)
    assert drawn != sample(features, 5, seed=2)
    assert len(sample(features, 100, seed=1)) == 20


def test_ranges_are_the_extremes_of_the_float_model_over_the_sample(corpus):
    model, _, features = corpus
    utterances = {name: torch.from_numpy(frames) for path in features for name, frames in HdfReader(path).items()}
    seen = {"in": 0.0, "out": 0.0}

    def observe(_module, inputs, output):
        seen["in"] = max(seen["in"], inputs[0].abs().max().item())
        seen["out"] = max(seen["out"], output.abs().max().item())

    hook = model.blocks[1].convolution.depthwise.register_forward_hook(observe)
    with torch.no_grad():
        for name in sample(features, 7, seed=0):
            model(utterances[name][None], torch.tensor([len(utterances[name])]))
    hook.remove()
    layer = calibrated(corpus, 4, 7).blocks[1].convolution.depthwise
    assert layer.input_range == seen["in"] and layer.output_quantizer.range.item() == seen["out"]
    assert layer.weight_quantizer.range == layer.weight.abs().max()


def test_the_error_shrinks_with_bits_and_vanishes(corpus):
    model, _, features = corpus
    _, frames = next(iter(HdfReader(features[0]).items()))
    batch, lengths = torch.from_numpy(frames)[None], torch.tensor([len(frames)])
    with torch.no_grad():
        expected, _ = model(batch, lengths)
        errors = [(calibrated(corpus, bits, 20)(batch, lengths)[0] - expected).abs().max() for bits in (3, 6, 16)]
    assert errors[0] > errors[1] > errors[2] and errors[2] < 1e-3


def test_a_calibrated_checkpoint_is_no_start(corpus, tmp_path):
    save_checkpoint(calibrated(corpus, 4, 2), tmp_path / "ptq.pt")
    with pytest.raises(InputError, match="float model"):
        calibrated((None, str(tmp_path / "ptq.pt"), corpus[2]), 4, 2)


@pytest.mark.parametrize("rule", [SigmaClip(per_column=True), MseClip(), MseClip(per_column=True)], ids=str)
def test_other_rules_give_ranges_of_the_weights_that_the_float_model_has(corpus, rule):
    model, checkpoint, features = corpus
    config = QuantizationConfig(weight_bits=3, weight_range=rule)
    made = calibrated_model(MODEL, config, checkpoint, features, num_utterances=2, seed=0)
    layer, weight = made.blocks[1].feed_forward1.linear_in, model.blocks[1].feed_forward1.linear_in.weight
    wanted = weight_quantizer(3, weight, config).train()
    wanted(weight)
    assert torch.equal(layer.weight_quantizer.range, wanted.range)
    coarse = calibrated(corpus, 3, 2).blocks[1].feed_forward1.linear_in
    error, of_maximum = (
        (one.weight_quantizer.eval()(weight) - weight).square().mean().item() for one in (layer, coarse)
    )
    assert error < of_maximum or isinstance(rule, SigmaClip)
