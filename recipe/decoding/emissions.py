"""Writing log posteriors to HDF from RETURNN's forward task, and counting how often converters clip meanwhile."""

from contextlib import ExitStack

import numpy as np
import torch
from returnn.forward_iface import ForwardCallbackIface
from returnn.tensor import TensorDict

from memristor_sim.clipping import ClipCounter, recorded_clipping
from recipe.files import open_text
from recipe.formats.hdf import HdfWriter

CLIPPING_FRAMES = 1500
"""Frames over which clipping is counted. Counting costs time, and a minute of speech gives good estimates."""


def require_finite(seq_tag: str, frames: np.ndarray) -> None:
    """:raises FloatingPointError: naming the segment"""
    if not np.isfinite(frames).all():
        raise FloatingPointError(f"the log posteriors of {seq_tag} are not all finite; check the model and its input")


class EmissionsCallback(ForwardCallbackIface):
    """Writes one HDF file: float32 emissions [T', V] under each segment's name; it appears when it is whole.

    These are log posteriors, or of a transducer what its joiner takes of the encoder.

    With `clip_rates`, also a table of the converters' clip rates per crossbar, counted over the first batches.
    """

    def __init__(self, path: str, num_outputs: int, clip_rates: str | None = None):
        """:param num_outputs: V, labels with the blank, or another width"""
        self.writer = HdfWriter(path, num_outputs)
        self.clip_rates = clip_rates
        self.counters: dict[str, ClipCounter] = {}
        self.num_frames = 0
        self.writing, self.counting = ExitStack(), ExitStack()

    def init(self, *, model):
        """Before the first sequence."""
        self.writing.enter_context(self.writer)
        self.network = model
        if self.clip_rates:
            self.counters = self.counting.enter_context(recorded_clipping(model))

    def process_seq(self, *, seq_tag: str, outputs: TensorDict):
        """Store one sequence. :raises FloatingPointError: when a value is not finite"""
        frames = outputs["log_probs"].raw_tensor  # [T', V]
        require_finite(seq_tag, frames)
        self.writer.append(seq_tag, frames)
        if self.clip_rates and self.num_frames < CLIPPING_FRAMES:
            with torch.no_grad():
                self.network.run_rest(torch.from_numpy(frames).to(next(self.network.parameters()).device))
        self.num_frames += len(frames)
        if self.num_frames >= CLIPPING_FRAMES:
            self.counting.close()

    def finish(self):
        """After the last sequence: the files appear."""
        self.counting.close()
        self.writing.close()
        if self.clip_rates:
            with open_text(self.clip_rates, "wt") as file:
                file.write("layer,dac_rate,adc_rate\n")
                for name, counter in self.counters.items():
                    layer = name.removesuffix(".crossbar")
                    file.write(f"{layer},{counter.dac_rate:.6g},{counter.adc_rate:.6g}\n")
