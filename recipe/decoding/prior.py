"""The label prior: the mean posterior over training frames (docs/paper.md, Prior)."""

import numpy as np
from returnn.forward_iface import ForwardCallbackIface
from returnn.tensor import TensorDict

from recipe.decoding.emissions import require_finite
from recipe.errors import InputError
from recipe.formats.log_prior import write_log_prior


class PriorCallback(ForwardCallbackIface):
    """Averages posteriors over all valid frames, in double precision; writes the natural log, a line per label."""

    def __init__(self, path: str, num_outputs: int):
        """:param num_outputs: V, labels with the blank"""
        self.path = path
        self.total = np.zeros(num_outputs)
        self.num_frames = 0

    def process_seq(self, *, seq_tag: str, outputs: TensorDict):
        """Add one sequence. :raises FloatingPointError: when a value is not finite"""
        frames = outputs["log_probs"].raw_tensor  # [T', V]
        require_finite(seq_tag, frames)
        self.total += np.exp(frames, dtype=np.float64).sum(axis=0)
        self.num_frames += len(frames)

    def finish(self):
        """After the last sequence: write the prior. :raises InputError: when there was no frame"""
        if not self.num_frames:
            raise InputError("the prior has no frame to average over; give features of at least one segment")
        write_log_prior(self.path, log_prior(self.total / self.num_frames))


def log_prior(prior: np.ndarray) -> np.ndarray:
    """Natural logarithm of a prior [V]; a label that was never seen counts as one in 1e30."""
    return np.log(np.maximum(prior, 1e-30))
