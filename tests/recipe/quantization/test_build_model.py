import dataclasses

import pytest
import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import load_checkpoint, save_checkpoint
from recipe.models.conformer import ConformerConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig

MODEL = ConformerConfig(num_labels=5, frontend_channels=(2, 2, 2, 2), model_dim=8, feed_forward_dim=8, num_blocks=1)
QUANTIZED = QuantizationConfig(weight_bits=4)


def test_a_checkpoint_comes_back_and_equal_models_give_equal_bytes(tmp_path):
    torch.manual_seed(0)
    model = build_model(MODEL, QUANTIZED).train()
    model(torch.randn(1, 20, 80), torch.tensor([20]))
    for name in ("a.pt", "another name ä.pt"):
        save_checkpoint(model, tmp_path / name)
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "another name ä.pt").read_bytes()
    loaded = load_checkpoint(build_model(MODEL, QUANTIZED), tmp_path / "a.pt").eval()
    features = torch.randn(1, 20, 80)
    assert torch.equal(loaded(features, torch.tensor([20]))[0], model.eval()(features, torch.tensor([20]))[0])


def test_only_a_float_model_takes_xavier_attention():
    states = {}
    for xavier in (False, True):
        for quantization in (None, QUANTIZED):
            torch.manual_seed(0)
            model = build_model(dataclasses.replace(MODEL, xavier_attention=xavier), quantization)
            states[xavier, quantization] = model.blocks[0].attention.qkv.weight
    assert torch.equal(states[False, QUANTIZED], states[True, QUANTIZED])
    assert not torch.equal(states[False, None], states[True, None])


@pytest.mark.parametrize(
    "model, quantization, culprit",
    [(dataclasses.replace(MODEL, num_blocks=2), QUANTIZED, "blocks.1"), (MODEL, None, "quantizer.range")],
)
def test_a_checkpoint_of_another_model_is_refused(tmp_path, model, quantization, culprit):
    save_checkpoint(build_model(MODEL, QUANTIZED), tmp_path / "model.pt")
    with pytest.raises(InputError, match=culprit):
        load_checkpoint(build_model(model, quantization), tmp_path / "model.pt")
