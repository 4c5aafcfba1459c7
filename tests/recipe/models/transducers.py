"""Small transducers, and a batch for them."""

import torch

from recipe.models.conformer import ConformerConfig
from recipe.models.lstm import LstmConfig
from recipe.models.predictor import ContextOnePredictor, LstmPredictor
from recipe.models.transducer import TransducerConfig
from recipe.models.transducer_network import TransducerNetwork
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig

CONFORMER = ConformerConfig(
    num_labels=5,
    frontend_channels=(2, 2, 2, 2),
    frontend_pools=((2, 4), (2, 4)),
    model_dim=12,
    feed_forward_dim=16,
    num_heads=2,
    num_blocks=1,
    conv_kernel=3,
)
RECURRENT = LstmConfig(num_labels=5, model_dim=12, hidden_dim=7, num_layers=1, frontend_channels=(2, 2, 2, 2))
CONTEXT_ONE = TransducerConfig(
    encoder=CONFORMER, predictor=ContextOnePredictor(embedding_dim=6, hidden_dim=10, num_layers=2), joiner_dim=9
)
LSTM = TransducerConfig(encoder=RECURRENT, predictor=LstmPredictor(embedding_dim=6, hidden_dim=10), joiner_dim=9)


def built(model: TransducerConfig, quantization: QuantizationConfig | None = None, seed: int = 0) -> TransducerNetwork:
    torch.manual_seed(seed)
    network = build_model(model, quantization)
    assert isinstance(network, TransducerNetwork)
    return network


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features [2, 64, 80], lengths, targets [2, 4] and their lengths."""
    torch.manual_seed(1)
    features, lengths = torch.randn(2, 64, 80), torch.tensor([64, 40])
    features[1, 40:] = 0
    return features, lengths, torch.tensor([[1, 2, 2, 4], [4, 0, 0, 0]]), torch.tensor([4, 2])
