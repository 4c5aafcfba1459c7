"""A bidirectional LSTM in the place of the Conformer: the recurrent model that the paper names as its next step."""

from dataclasses import replace

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.models.lstm import LstmConfig
from recipe.systems import Float, Ptq, Qat
from setups.mini import mini


def py():
    setup = replace(mini(), name="mini-lstm", model=LstmConfig(num_labels=mini().labels.num_labels))
    return run(setup, [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in (4, 3)), *devices(3, seeds=3)])
