"""Weight traffic of CTC models and transducers of mini's sizes: nothing is trained. A table and a plot."""

from sisyphus import tk

from memristor_sim.hardware import physical
from recipe.hardware.jobs import WeightReadsJob
from recipe.hardware.weight_reads import Speech
from recipe.models.lstm import LstmConfig
from recipe.models.predictor import ContextOnePredictor, LstmPredictor
from recipe.models.protocol import AcousticModel
from recipe.models.sru import SruConfig
from recipe.models.transducer import TransducerConfig
from setups.mini import PHONEMES, conformer


def py():
    """Six models, all weights of 8 bit."""
    encoder, recurrent = conformer(), LstmConfig(num_labels=PHONEMES.num_labels)
    models: dict[str, AcousticModel] = {
        "Conformer-CTC": encoder,
        "LSTM-CTC": recurrent,
        "SRU-CTC": SruConfig(num_labels=PHONEMES.num_labels, num_layers=3),
        "Conformer transducer, LSTM predictor": TransducerConfig(encoder=encoder, predictor=LstmPredictor()),
        "Conformer transducer, context 1": TransducerConfig(encoder=encoder, predictor=ContextOnePredictor()),
        "LSTM transducer, LSTM predictor": TransducerConfig(encoder=recurrent, predictor=LstmPredictor()),
    }
    job = WeightReadsJob(models, 8, physical(), Speech())
    for name, path in (("csv", job.out_csv), ("md", job.out_table), ("png", job.out_plot)):
        tk.register_output(f"weight_reads/weight_reads.{name}", path)
