import dataclasses

import torch

from recipe.models.conformer import ConformerConfig, paper_conformer
from recipe.models.conformer_network import ConformerBlock, ConformerCtc, SelfAttention

CONFIG = ConformerConfig(num_labels=5, model_dim=24, feed_forward_dim=32, num_blocks=1, conv_kernel=7)


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters_of_the_papers_model_by_part():
    with torch.device("meta"):
        model = ConformerCtc(paper_conformer())
    block = model.blocks[0]
    parts = {
        "frontend": count(model.frontend),
        "feed-forward": count(block.feed_forward1),
        "attention": count(block.attention),
        "convolution": count(block.convolution),
        "block": count(block),
        "blocks": count(model.blocks),
        "output": count(model.output),
        "all": count(model),
    }
    assert parts == {
        "frontend": 1_057_632,
        "feed-forward": 1_182_336,
        "attention": 592_128,
        "convolution": 457_344,
        "block": 3_414_912,
        "blocks": 40_978_944,
        "output": 30_415,
        "all": 42_066_991,
    }


def test_attention_equals_torchs_own():
    module = SelfAttention(CONFIG).eval()
    oracle = torch.nn.MultiheadAttention(24, 4, batch_first=True).eval()
    oracle.load_state_dict(
        {
            "in_proj_weight": module.qkv.weight,
            "in_proj_bias": module.qkv.bias,
            "out_proj.weight": module.out.weight,
            "out_proj.bias": module.out.bias,
        }
    )
    x = torch.randn(3, 11, 24)
    padded = torch.arange(11) >= torch.tensor([[11], [7], [1]])
    bias = torch.zeros(3, 11).masked_fill(padded, -torch.inf)[:, None, None]
    y = module.norm(x)
    expected, _ = oracle(y, y, y, key_padding_mask=padded, need_weights=False)
    torch.testing.assert_close(module(x, bias), expected)


def test_xavier_attention_is_drawn_like_torchs_own():
    torch.manual_seed(0)
    module = SelfAttention(dataclasses.replace(CONFIG, model_dim=96, xavier_attention=True))
    oracle = torch.nn.MultiheadAttention(96, 4)
    for drawn, expected in ((module.qkv.weight, oracle.in_proj_weight), (module.out.weight, oracle.out_proj.weight)):
        torch.testing.assert_close(drawn.abs().max(), expected.abs().max(), rtol=1e-3, atol=0)
        torch.testing.assert_close(drawn.std(), expected.std(), rtol=2e-2, atol=0)
    assert not module.qkv.bias.any() and not module.out.bias.any()


def test_a_block_is_its_four_residual_modules():
    block = ConformerBlock(CONFIG).eval()
    x = torch.randn(2, 9, 24)
    y = x + 0.5 * block.feed_forward1(x)
    y = y + block.attention(y, None)
    y = y + block.convolution(y)
    y = block.norm(y + 0.5 * block.feed_forward2(y))
    torch.testing.assert_close(block(x, None), y)


def test_the_convolution_reaches_half_a_kernel_and_no_further():
    module = ConformerBlock(CONFIG).convolution.eval()
    x = torch.randn(1, 30, 24, requires_grad=True)
    module(x)[0, 15].sum().backward()
    assert x.grad[0].abs().sum(dim=1).nonzero().flatten().tolist() == list(range(12, 19))
