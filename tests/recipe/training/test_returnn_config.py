from pathlib import Path

from memristor_sim.hardware import RandomPulses, physical
from recipe.acoustic_model.config import paper_conformer
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import paper_training
from recipe.training.returnn_config import imports_of, labelled_dataset, training_config

GOLDEN = Path(__file__).with_name("paper_qat_3_bit.config")


def paper_config() -> str:
    return training_config(
        paper_conformer(),
        QuantizationConfig(weight_bits=3),
        paper_training(),
        train=labelled_dataset(
            ["train.0.hdf", "train.1.hdf"],
            "targets.hdf",
            known="train.known.segments",
            labelled="train.labelled.segments",
            seq_ordering="laplace:.4000",
            partition_epoch=5,
        ),
        dev=labelled_dataset(
            ["dev.hdf"],
            "dev.targets.hdf",
            known="dev.known.segments",
            labelled="dev.labelled.segments",
            seq_ordering="sorted_reverse",
        ),
    )


def test_the_papers_training_as_returnn_reads_it():
    assert paper_config() == GOLDEN.read_text(encoding="utf-8")


def test_the_text_is_python_that_returnn_takes_for_python():
    text = paper_config()
    assert text.startswith("#!")
    names: dict = {}
    exec(compile(text, "config", "exec"), names)
    assert len(names["learning_rates"]) == names["num_epochs"] == 250
    assert names["acoustic_model"] == paper_conformer() and names["quantization"] == QuantizationConfig(weight_bits=3)


def test_imports_follow_nested_values():
    value = (physical(conditioning=RandomPulses(count=7)), [paper_conformer()], None, 3)
    names: dict = {}
    exec(f"{imports_of(value)}copy = {value!r}", names)
    assert names["copy"] == value
