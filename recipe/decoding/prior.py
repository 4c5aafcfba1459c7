"""The label prior: the mean posterior over training frames (docs/paper.md, Prior)."""

import numpy as np
from returnn.forward_iface import ForwardCallbackIface
from returnn.tensor import TensorDict

from recipe.decoding.emissions import require_finite
from recipe.errors import InputError
from recipe.files import open_text


class PriorCallback(ForwardCallbackIface):
    """Averages posteriors over all valid frames, in double precision; writes the natural log, a line per label."""

    def __init__(self, path: str, num_outputs: int):
        self.path = path
        self.total = np.zeros(num_outputs)
        self.num_frames = 0

    def process_seq(self, *, seq_tag: str, outputs: TensorDict):
        frames = outputs["log_probs"].raw_tensor  # [T', V]
        require_finite(seq_tag, frames)
        self.total += np.exp(frames, dtype=np.float64).sum(axis=0)
        self.num_frames += len(frames)

    def finish(self):
        if not self.num_frames:
            raise InputError("the prior has no frame to average over; give features of at least one segment")
        write_log_prior(self.total / self.num_frames, self.path)


def write_log_prior(prior: np.ndarray, path: str) -> None:
    """One natural logarithm per line, in label order; a label never seen counts as one in 1e30."""
    with open_text(path, "wt") as file:
        file.writelines(f"{value:.9g}\n" for value in np.log(np.maximum(prior, 1e-30)))
