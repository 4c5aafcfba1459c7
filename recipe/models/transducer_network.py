"""The networks of a transducer.

B batch, T frames, S labels, V outputs (labels, then blank); widths: D encoder, P predictor, J joiner.
"""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import nn

from recipe.models.ctc import CtcNetwork
from recipe.models.predictor import ContextOnePredictor, LstmPredictor
from recipe.models.transducer import LABELS_PER_FRAME, TransducerConfig

Memory = tuple[torch.Tensor, ...]
"""Of a recurrent predictor: tensors [1, N, H]."""


def after_start(labels: torch.Tensor, num_labels: int) -> torch.Tensor:
    """[B, S] -> [B, S + 1]: the index of blank, which is no label, stands for the beginning."""
    return nn.functional.pad(labels, (1, 0), value=num_labels)


class ContextOneNetwork(nn.Module):
    """Embedding of the last label, then linear layers with tanh: [B, S] -> [B, S + 1, P]."""

    def __init__(self, config: ContextOnePredictor, num_labels: int):
        super().__init__()
        self.num_labels = num_labels
        self.embedding = nn.Embedding(num_labels + 1, config.embedding_dim)
        self.layers = nn.ModuleList(nn.Linear(rows, columns) for _, rows, columns in config.matrices)

    def forward(self, labels: torch.Tensor) -> torch.Tensor:
        """:param labels: [B, S]"""
        x = self.embedding(after_start(labels, self.num_labels))
        for layer in self.layers:
            x = layer(x).tanh()
        return x

    def states(self) -> torch.Tensor:
        """[V, P]: its output after each label, and last without any."""
        every = torch.arange(self.num_labels, device=self.embedding.weight.device)
        return self(every[None])[0].roll(-1, 0)


class LstmPredictorNetwork(nn.Module):
    """Embedding of the labels so far, then an LSTM: [B, S] -> [B, S + 1, P]."""

    def __init__(self, config: LstmPredictor, num_labels: int):
        super().__init__()
        self.num_labels = num_labels
        self.embedding = nn.Embedding(num_labels + 1, config.embedding_dim)
        self.lstm = nn.LSTM(config.embedding_dim, config.hidden_dim, batch_first=True)

    def forward(self, labels: torch.Tensor) -> torch.Tensor:
        """:param labels: [B, S]"""
        return self.lstm(self.embedding(after_start(labels, self.num_labels)))[0]

    def step(self, labels: torch.Tensor, memory: Memory | None) -> tuple[torch.Tensor, Memory]:
        """One label each [N], blank's index before the first, and the LSTM's memory before it -> [N, P], memory."""
        y, memory = self.lstm(self.embedding(labels[:, None]), memory)
        return y[:, 0], memory


class Joiner(nn.Module):
    """Logits of the outputs from the sum of two projections."""

    def __init__(self, config: TransducerConfig):
        super().__init__()
        sizes = {name: (rows, columns) for name, rows, columns in config.matrices}
        self.encoder = nn.Linear(*sizes["joiner.encoder"])
        self.predictor = nn.Linear(*sizes["joiner.predictor"])
        self.output = nn.Linear(*sizes["joiner.output"])

    def forward(self, encoded: torch.Tensor, predicted: torch.Tensor) -> torch.Tensor:
        """Projections [..., J] that broadcast -> logits [..., V] in float32."""
        return self.output((encoded + predicted).tanh()).float()


class TransducerNetwork(nn.Module):
    """A CTC network as the encoder, a predictor and a joiner."""

    encoder: CtcNetwork
    predictor: Any
    """A module that Predictor.build returns: with `states` for a context of one label, with `step` for all labels."""

    def __init__(self, config: TransducerConfig, quantized: bool):
        super().__init__()
        self.blank = config.num_labels
        self.context = config.label_context
        self.encoder = cast(CtcNetwork, config.encoder.build(quantized and config.quantizes("encoder")))
        self.predictor = config.predictor.build(config.num_labels)
        self.joiner = Joiner(config)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the joiner takes of the encoder.

        :param features: [B, T, F] log-mel, zero in the padding
        :param lengths: [B] frames, on any device
        :return: emissions [B, T', J] float32 and lengths [B] on the CPU
        """
        hidden, lengths = self.encoder.encode(features, lengths)
        return self.joiner.encoder(hidden).float(), lengths

    def lattice(self, emissions: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Logits for every frame and number of labels so far: [B, T, J], [B, S] -> [B, T, S + 1, V]."""
        predicted = self.joiner.predictor(self.predictor(labels))
        return self.joiner(emissions[:, :, None], predicted[:, None])

    def states(self) -> torch.Tensor:
        """[V, J]: what the joiner takes of a context-one predictor after each label, and last without any."""
        return self.joiner.predictor(self.predictor.states())

    def step(self, labels: torch.Tensor, memory: Memory | None) -> tuple[torch.Tensor, Memory]:
        """What the joiner takes of a recurrent predictor after one more label each: [N], memory -> [N, J], memory.

        :param memory: None before the first label, which is the index of blank
        """
        predicted, memory = self.predictor.step(labels, memory)
        return self.joiner.predictor(predicted), memory

    def table(self, emissions: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Log posteriors of all outputs in every frame and state: [T, J], [V, J] -> [T, V, V]."""
        return self.joiner(emissions[:, None], states).log_softmax(-1)

    def internal_lm(self, states: torch.Tensor) -> torch.Tensor:
        """Log probabilities of the next label where the encoder says nothing: [V, J] -> [V, V - 1].

        The encoder's output is replaced by zeros, and blank left out (internal language model estimation, arXiv
        2011.01991).
        """
        nothing = states.new_zeros(1, self.encoder.output.in_features)
        return self.joiner(self.joiner.encoder(nothing), states)[:, : self.blank].log_softmax(-1)

    def greedy(self, emissions: torch.Tensor) -> Iterator[int]:
        """The best output in one frame after the other, each frame ending with blank: [T, J] -> ids, blank V - 1.

        At most LABELS_PER_FRAME labels in a frame and one per frame on average, so that it ends soon on a network that
        has not learned.
        """
        labels: list[int] = []
        predicted = self._predicted(labels, emissions.device)
        for frame in emissions:
            for _ in range(LABELS_PER_FRAME if len(labels) < len(emissions) else 0):
                best = int(self.joiner(frame, predicted).argmax())
                if best == self.blank:
                    break
                labels.append(best)
                yield best
                predicted = self._predicted(labels, emissions.device)
            yield self.blank

    def _predicted(self, labels: list[int], device: torch.device) -> torch.Tensor:
        """[J] after these labels."""
        context = labels if self.context is None else labels[max(0, len(labels) - self.context) :]
        given = torch.tensor(context, dtype=torch.int64, device=device)
        return self.joiner.predictor(self.predictor(given[None]))[0, -1]

    def run_rest(self, emissions: torch.Tensor) -> None:
        """Run what the forward does not: predictor and joiner, along the greedy path of an utterance [T, J]."""
        for _ in self.greedy(emissions):
            pass
