"""What the search of a transducer reads: emissions, and log posteriors that the model's joiner makes of them."""

import zlib
from dataclasses import dataclass

import numpy as np
import torch
from sisyphus import tk

from recipe.decoding.config import SearchConfig, TransducerSearchFiles
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.recognise import Inputs, common_inputs, stored_frames
from recipe.decoding.transducer_search import TransducerSearch
from recipe.errors import InputError
from recipe.formats.lexicon import Spellings
from recipe.hardware.spec import load_model
from recipe.models.transducer_network import TransducerNetwork

FRAMES_AT_ONCE = 64
"""Frames whose log posteriors are computed together: some ten megabytes."""


@dataclass(frozen=True)
class Joined:
    """Predictor and joiner of a transducer with a context of one label, the predictor computed once."""

    network: TransducerNetwork
    states: torch.Tensor
    """[V, J]: what the joiner takes of the predictor."""
    internal_lm: np.ndarray
    """[V, V - 1], natural logarithms."""
    read_noise_seed: int

    @classmethod
    def of(cls, network: TransducerNetwork, read_noise_seed: int) -> "Joined":
        """:param network: in evaluation mode"""
        torch.manual_seed(read_noise_seed)
        with torch.no_grad():
            states = network.states()
            internal_lm = network.internal_lm(states).numpy()
        return cls(network, states, internal_lm, read_noise_seed)

    def table(self, name: str, emissions: np.ndarray) -> np.ndarray:
        """Log posteriors float32 [T, V, V] of a segment. Its read noise follows from seed and name alone.

        :param emissions: [T, J]
        """
        torch.manual_seed(zlib.crc32(name.encode(), self.read_noise_seed))
        frames = torch.from_numpy(emissions)
        with torch.no_grad():
            parts = [self.network.table(part, self.states) for part in frames.split(FRAMES_AT_ONCE)]
        return torch.cat(parts).numpy() if parts else np.zeros((0, *[len(self.states)] * 2), np.float32)


@dataclass(frozen=True)
class TransducerInputs(Inputs):
    """Of a search with a table of log posteriors per frame and state."""

    joined: Joined
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
        return cls(**inputs, joined=joined, tree=tree)

    @property
    def dropped(self) -> Spellings:
        """None."""
        return self.tree.dropped

    def scores(self, name: str) -> np.ndarray:
        """float32 [T, V, V]: log posteriors in every frame and state.

        :raises InputError: when the emissions are damaged, of another model, or not finite
        """
        columns = self.joined.states.shape[1]
        expected = f"the joiner {columns}; give those of the same model"
        emissions = stored_frames(self.emissions, name, columns, "emissions", expected)
        return self.joined.table(name, emissions)

    def search(self, config: SearchConfig, lm_scale: float, prior_scale: float) -> TransducerSearch:
        """:param prior_scale: factor of the internal language model"""
        return TransducerSearch(self.tree, config, lm_scale, prior_scale, self.joined.internal_lm)
