"""Writing log posteriors to HDF from RETURNN's forward task."""

from returnn.datasets.hdf import SimpleHDFWriter
from returnn.forward_iface import ForwardCallbackIface
from returnn.tensor import TensorDict


class EmissionsCallback(ForwardCallbackIface):
    """Writes one HDF file: float32 log posteriors [T', V] under each segment's name."""

    def __init__(self, path: str, num_outputs: int):
        self.path, self.num_outputs = path, num_outputs
        self.writer: SimpleHDFWriter | None = None

    def init(self, *, model):
        self.writer = SimpleHDFWriter(self.path, dim=self.num_outputs)

    def process_seq(self, *, seq_tag: str, outputs: TensorDict):
        frames = outputs["log_probs"].raw_tensor  # [T', V]
        self.writer.insert_batch(frames[None], [len(frames)], [seq_tag])

    def finish(self):
        self.writer.close()
