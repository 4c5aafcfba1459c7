"""Writing log posteriors to HDF from RETURNN's forward task."""

from contextlib import ExitStack

from returnn.forward_iface import ForwardCallbackIface
from returnn.tensor import TensorDict

from recipe.corpus.hdf import HdfWriter


class EmissionsCallback(ForwardCallbackIface):
    """Writes one HDF file: float32 log posteriors [T', V] under each segment's name; it appears when it is whole."""

    def __init__(self, path: str, num_outputs: int):
        self.writer = HdfWriter(path, num_outputs)
        self.stack = ExitStack()

    def init(self, *, model):
        self.stack.enter_context(self.writer)

    def process_seq(self, *, seq_tag: str, outputs: TensorDict):
        self.writer.append(seq_tag, outputs["log_probs"].raw_tensor)

    def finish(self):
        self.stack.close()
