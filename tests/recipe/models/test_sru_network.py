import numpy as np
import torch
from torch import nn

from recipe.models.recurrent_network import reversal_of
from recipe.models.sru_network import BidirectionalSru


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _direction(x: np.ndarray, linear: nn.Linear, of_memory: list[np.ndarray]) -> np.ndarray:
    """Equations 3 to 7 of arXiv 1709.02755, frame by frame in float64: [T, D] -> [T, H]."""
    weights = linear.weight.detach().double().numpy().reshape(4, -1, x.shape[1])
    biases = linear.bias.detach().double().numpy().reshape(4, -1)
    memory, outputs = np.zeros(weights.shape[1]), []
    for frame in x:
        candidate, skipped, forget, reset = (w @ frame + b for w, b in zip(weights, biases, strict=True))
        forget, reset = (_sigmoid(z + v * memory) for z, v in zip((forget, reset), of_memory, strict=True))
        memory = forget * memory + (1 - forget) * candidate
        outputs.append(reset * memory + (1 - reset) * skipped)
    return np.stack(outputs)


def test_a_layer_computes_the_published_equations_in_both_directions():
    torch.manual_seed(0)
    layer = BidirectionalSru(4, 3)
    nn.init.normal_(layer.forget_of_memory)
    nn.init.normal_(layer.reset_of_memory)
    x, lengths = torch.randn(3, 8, 4), torch.tensor([8, 5, 1])
    normed = layer.norm(x).detach().double().numpy()
    gates = [v.detach().double().numpy() for v in (layer.forget_of_memory, layer.reset_of_memory)]
    found = layer(x, reversal_of(lengths, 8)).detach()
    for one, frames, size in zip(found, normed, lengths, strict=True):
        ahead = _direction(frames[:size], layer.forwards, [v[:3] for v in gates])
        back = _direction(frames[:size][::-1], layer.backwards, [v[3:] for v in gates])[::-1]
        np.testing.assert_allclose(one[:size], np.concatenate([ahead, back], axis=1), atol=1e-5)
