"""Prediction networks of transducers as values: what a transducer knows of the labels so far; no torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from recipe.errors import InputError
from recipe.models.checks import check_sizes

if TYPE_CHECKING:
    from torch import nn

MOST_TABLE_LABELS = 512
"""Labels, without blank, of a context-one predictor. The search holds a value for each frame, state and output, which
are a megabyte per frame here; beyond, give LstmPredictor or fewer labels."""


class Predictor(Protocol):
    """Sizes of a prediction network, and what follows from them."""

    @property
    def label_context(self) -> int | None:
        """Labels that decide its output: a number, or None for all of them."""
        ...

    @property
    def output_dim(self) -> int:
        """Width of its output, P."""
        ...

    @property
    def matrices(self) -> tuple[tuple[str, int, int], ...]:
        """Name, inputs and outputs of each weight matrix that crossbars may hold. The embedding is not among them:
        it is a lookup, no product, and stays digital."""
        ...

    def check_labels(self, num_labels: int) -> None:
        """:raises InputError: when it cannot hold so many labels, blank not counted"""
        ...

    def build(self, num_labels: int) -> nn.Module:
        """The network, newly initialised: labels [B, S] -> [B, S + 1, P], the first without any label."""
        ...


@dataclass(frozen=True, kw_only=True)
class ContextOnePredictor:
    """The last label alone: embedding, then linear layers with tanh. Its few states can be computed once."""

    embedding_dim: int = 64
    hidden_dim: int = 128
    num_layers: int = 1

    label_context: ClassVar[int | None] = 1

    def __post_init__(self):
        check_sizes(self, "embedding_dim", "hidden_dim", "num_layers")

    @property
    def output_dim(self) -> int:
        """Width of its output, P."""
        return self.hidden_dim

    @property
    def matrices(self) -> tuple[tuple[str, int, int], ...]:
        """See Predictor."""
        widths = [self.embedding_dim, *[self.hidden_dim] * self.num_layers]
        return tuple((f"layers.{n}", widths[n], widths[n + 1]) for n in range(self.num_layers))

    def check_labels(self, num_labels: int) -> None:
        """:raises InputError: above MOST_TABLE_LABELS"""
        if num_labels > MOST_TABLE_LABELS:
            raise InputError(
                f"ContextOnePredictor cannot hold {num_labels} labels: the search needs its output for each pair of "
                f"them; give at most {MOST_TABLE_LABELS} labels, or LstmPredictor"
            )

    def build(self, num_labels: int) -> nn.Module:
        """See Predictor."""
        from recipe.models.transducer_network import ContextOneNetwork

        return ContextOneNetwork(self, num_labels)


@dataclass(frozen=True, kw_only=True)
class LstmPredictor:
    """All labels so far: embedding, then an LSTM of one layer."""

    embedding_dim: int = 64
    hidden_dim: int = 128

    label_context: ClassVar[int | None] = None

    def __post_init__(self):
        check_sizes(self, "embedding_dim", "hidden_dim")

    @property
    def output_dim(self) -> int:
        """Width of its output, P."""
        return self.hidden_dim

    @property
    def matrices(self) -> tuple[tuple[str, int, int], ...]:
        """See Predictor."""
        gates = 4 * self.hidden_dim
        return ("lstm.ih_l0", self.embedding_dim, gates), ("lstm.hh_l0", self.hidden_dim, gates)

    def check_labels(self, num_labels: int) -> None:
        """It holds any number."""

    def build(self, num_labels: int) -> nn.Module:
        """See Predictor."""
        from recipe.models.transducer_network import LstmPredictorNetwork

        return LstmPredictorNetwork(self, num_labels)
