import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.ao.quantization.observer import MinMaxObserver

from recipe.quantization.fake_quant import FakeQuantize

BITS = st.integers(2, 8)
SEEDS = st.integers(0, 10_000)


def tensor(seed: int, size: int = 500) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, generator=generator) * 10.0 ** (seed % 7 - 3)


@given(bits=BITS, seed=SEEDS)
def test_values_are_those_of_torchs_own_fake_quantiser(bits, seed):
    quantizer, x = FakeQuantize(bits), tensor(seed)
    quantizer.train()(x)
    quantizer.eval()
    for values in (x, 1.7 * x):  # inside the range, and beyond it
        expected = torch.fake_quantize_per_tensor_affine(
            values, quantizer.scale, quantizer.zero_point, -quantizer.quant_max, quantizer.quant_max
        )
        assert torch.equal(quantizer(values), expected)
    assert torch.equal(quantizer.train()(x), quantizer.eval()(x))  # nothing is clipped in training


class OnGpu(torch.Tensor):
    """A tensor of the CPU that takes the path of GPUs."""

    is_cuda = True


@pytest.mark.parametrize("training", [True, False])
@given(bits=BITS, seed=SEEDS)
def test_the_path_of_gpus_gives_the_same_bits_and_gradients(training, bits, seed):
    quantizer = FakeQuantize(bits).train()
    quantizer(tensor(seed))
    quantizer.train(training)
    results = []
    for kind in (torch.Tensor, OnGpu):
        x = (1.7 * tensor(seed)).requires_grad_()  # beyond the range
        y = quantizer(x.as_subclass(kind))
        y.sum().backward()
        results.append((y.as_subclass(torch.Tensor), x.grad.as_subclass(torch.Tensor)))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


@given(bits=BITS, seed=SEEDS)
def test_scale_is_that_of_a_symmetric_min_max_observer(bits, seed):
    quantizer = FakeQuantize(bits).train()
    top = quantizer.quant_max
    observer = MinMaxObserver(qscheme=torch.per_tensor_symmetric, dtype=torch.qint8, quant_min=-top, quant_max=top)
    for part in range(3):
        x = tensor(seed + part)
        quantizer(x)
        observer(x)
    torch.testing.assert_close(quantizer.scale, observer.calculate_qparams()[0].squeeze(), rtol=1e-6, atol=0)


@given(bits=BITS, seed=SEEDS)
def test_integers_times_scale_are_the_values_and_stay_so(bits, seed):
    quantizer, x = FakeQuantize(bits).train(), tensor(seed)
    values = quantizer(x)
    levels = quantizer.integers(x)
    assert levels.dtype == torch.int32 and levels.abs().max() == 2 ** (bits - 1) - 1
    assert torch.equal(levels * quantizer.scale, values)
    assert torch.equal(quantizer.eval()(values), values)


def test_the_range_never_shrinks_and_is_frozen_in_evaluation():
    quantizer = FakeQuantize(4).train()
    for value, expected in [(2.0, 2.0), (-3.0, 3.0), (0.5, 3.0)]:
        quantizer(torch.tensor([value]))
        assert quantizer.range.item() == expected
    assert quantizer.eval()(torch.tensor([9.0])).item() == 3.0 and quantizer.range.item() == 3.0


def test_gradient_passes_in_training_and_stops_outside_the_range_in_evaluation():
    quantizer = FakeQuantize(3)
    for training, expected in [(True, [1.0, 1.0, 1.0]), (False, [1.0, 0.0, 0.0])]:
        x = torch.tensor([0.3, 5.0, -7.0], requires_grad=True)
        if not training:
            quantizer.range.fill_(1.0)
        quantizer.train(training)(x).sum().backward()
        assert x.grad.tolist() == expected


def test_calibration_widens_the_range_and_changes_nothing():
    quantizer = FakeQuantize(2).eval()
    quantizer.calibrating = True
    x = tensor(1)
    assert torch.equal(quantizer(x), x) and quantizer.range == x.abs().max()


def test_all_zero_input_gives_zeros():
    assert torch.equal(FakeQuantize(8).train()(torch.zeros(4)), torch.zeros(4))


def test_the_state_carries_the_range_and_nothing_else():
    source, target = FakeQuantize(5).train(), FakeQuantize(5)
    source(tensor(2))
    assert list(source.state_dict()) == ["range"]
    target.load_state_dict(source.state_dict())
    assert torch.equal(target.eval()(tensor(3)), source.eval()(tensor(3)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_it_computes_in_float32(dtype):
    assert FakeQuantize(8).train()(tensor(4).to(dtype)).dtype == torch.float32
