"""What the search of a transducer reads: emissions, and log posteriors that the model's joiner makes of them."""

import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from sisyphus import tk

from recipe.decoding.config import SearchConfig, TransducerSearchFiles
from recipe.decoding.history_posteriors import HistoryPosteriors
from recipe.decoding.label_posteriors import LabelPosteriors, TablePosteriors
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.recognise import Inputs, common_inputs, stored_frames
from recipe.decoding.transducer_search import TransducerSearch
from recipe.errors import InputError
from recipe.formats.lexicon import Spellings
from recipe.hardware.spec import load_model
from recipe.models.transducer_network import TransducerNetwork

FRAMES_AT_ONCE = 64
"""Frames whose log posteriors are computed together: some ten megabytes."""


class Joined(ABC):
    """Predictor and joiner of a transducer on the processor."""

    def __init__(self, network: TransducerNetwork, read_noise_seed: int):
        self.network, self.read_noise_seed = network, read_noise_seed

    @staticmethod
    def of(network: TransducerNetwork, read_noise_seed: int) -> "Joined":
        """:param network: in evaluation mode"""
        kind = JoinedContextOne if network.context == 1 else JoinedHistories
        return kind(network, read_noise_seed)

    def posteriors(self, name: str, emissions: np.ndarray) -> LabelPosteriors:
        """Of a segment. Its read noise follows from seed and name alone.

        :param emissions: [T, J]
        """
        return self._posteriors(torch.from_numpy(emissions), zlib.crc32(name.encode(), self.read_noise_seed))

    @abstractmethod
    def _posteriors(self, emissions: torch.Tensor, seed: int) -> LabelPosteriors:
        """:param seed: of the segment's read noise"""


class JoinedContextOne(Joined):
    """With a context of one label: the predictor is computed once."""

    def __init__(self, network: TransducerNetwork, read_noise_seed: int):
        super().__init__(network, read_noise_seed)
        torch.manual_seed(read_noise_seed)
        with torch.no_grad():
            self._states = network.states()  # [V, J]
            self._internal_lm = network.internal_lm(self._states).numpy()  # [V, V - 1]

    def _posteriors(self, emissions: torch.Tensor, seed: int) -> LabelPosteriors:
        torch.manual_seed(seed)
        with torch.no_grad():
            parts = [self.network.table(part, self._states) for part in emissions.split(FRAMES_AT_ONCE)]
        num_states = len(self._states)
        table = torch.cat(parts).numpy() if parts else np.zeros((0, num_states, num_states), np.float32)
        return TablePosteriors(table, self._internal_lm)


class JoinedHistories(Joined):
    """With a predictor that depends on all labels: it runs while the search does."""

    def _posteriors(self, emissions: torch.Tensor, seed: int) -> LabelPosteriors:
        return HistoryPosteriors(self.network, emissions, seed)


@dataclass(frozen=True)
class TransducerInputs(Inputs):
    """Of a search with a table of log posteriors per frame and state."""

    joined: Joined
    emission_dim: int
    """Width of the emissions, J."""
    tree: LexiconTree
    """Lexicon and language model."""

    @classmethod
    def load(cls, files: TransducerSearchFiles, segments: tk.Path) -> "TransducerInputs":
        """
        :raises InputError: when a file is broken, a segment has no emissions, or labels do not fit together
        """
        inputs = common_inputs(files, segments)
        num_labels, num_outputs = len(inputs["labels"]), files.spec.model.num_outputs
        if num_labels != num_outputs:
            raise InputError(
                f"{files.labels.get_path()}: {num_labels} labels, the model has {num_outputs} outputs; give the labels "
                "that the model was trained with"
            )
        network = load_model(files.spec, files.checkpoint.get_path())
        assert isinstance(network, TransducerNetwork)
        joined = Joined.of(network, files.read_noise_seed)
        tree = LexiconTree(inputs["lexicon"], num_labels, inputs["lm_path"])
        return cls(**inputs, joined=joined, emission_dim=files.spec.model.emission_dim, tree=tree)

    @property
    def dropped(self) -> Spellings:
        """None."""
        return self.tree.dropped

    def scores(self, name: str) -> LabelPosteriors:
        """Log posteriors of a segment.

        :raises InputError: when the emissions are damaged, of another model, or not finite
        """
        expected = f"the joiner {self.emission_dim}; give those of the same model"
        return self.joined.posteriors(
            name, stored_frames(self.emissions, name, self.emission_dim, "emissions", expected)
        )

    def search(self, config: SearchConfig, lm_scale: float, prior_scale: float) -> TransducerSearch:
        """:param prior_scale: factor of the internal language model"""
        return TransducerSearch(self.tree, config, lm_scale, prior_scale)
