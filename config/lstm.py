"""Recurrent models in the place of the Conformer, the next step that the paper names: LSTMs, simple recurrent units."""

from dataclasses import replace

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.models.lstm import LstmConfig
from recipe.models.protocol import AcousticModel
from recipe.models.sru import SruConfig
from recipe.systems import Float, Ptq, Qat
from setups.mini import PHONEMES, mini


def py():
    return _rows("mini-lstm", LstmConfig(num_labels=PHONEMES.num_labels))


def simple_recurrent_units():
    """As many weights as the LSTMs have, none of which is read again for every frame."""
    return _rows("mini-sru", SruConfig(num_labels=PHONEMES.num_labels, num_layers=3))


def _rows(name: str, model: AcousticModel):
    systems = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in (4, 3)), *devices(3, seeds=3)]
    return run(replace(mini(), name=name, model=model), systems)
