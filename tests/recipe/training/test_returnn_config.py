"""The RETURNN configs of the paper's trainings, held to golden files; started as a script, this writes those anew."""

from pathlib import Path

import pytest

from memristor_sim.hardware import RandomPulses, physical
from recipe.models.conformer import paper_conformer
from recipe.quantization.config import QuantizationConfig
from recipe.training.returnn_config import imports_of, labelled_dataset, training_config
from setups.tedlium2 import tedlium2

GOLDEN = {
    None: Path(__file__).with_name("paper_float.config"),
    QuantizationConfig(weight_bits=4): Path(__file__).with_name("paper_qat_4_bit.config"),
}


def paper_config(quantization: QuantizationConfig | None, **more) -> str:
    setup = tedlium2()
    training = setup.training if quantization is None else setup.qat_training
    return training_config(
        setup.model,
        quantization,
        training,
        train=labelled_dataset(
            ["train.0.hdf", "train.1.hdf"],
            "targets.hdf",
            known="train.known.segments",
            labelled="train.labelled.segments",
            names="train.names.segments",
            seq_ordering=f"laplace:.{training.laplace_bin_segments}",
            partition_epoch=training.partitions,
        ),
        dev=labelled_dataset(
            ["dev.hdf"],
            "dev.targets.hdf",
            known="dev.known.segments",
            labelled="dev.labelled.segments",
            seq_ordering="sorted_reverse",
        ),
        **more,
    )


def executed(text: str) -> dict:
    assert text.startswith("#!")  # else RETURNN does not take it for Python
    names: dict = {}
    exec(compile(text, "config", "exec"), names)
    return names


@pytest.mark.parametrize("quantization", GOLDEN)
def test_the_papers_training_as_returnn_reads_it(quantization):
    assert paper_config(quantization) == GOLDEN[quantization].read_text(encoding="utf-8")


@pytest.mark.parametrize("quantization", GOLDEN)
def test_the_text_holds_the_papers_numbers(quantization):
    names = executed(paper_config(quantization))
    assert len(names["learning_rates"]) == names["num_epochs"] == 250 and max(names["learning_rates"]) == 5e-4
    assert names["train"]["datasets"]["features"]["partition_epoch"] == 5 * 3  # a fifth; copies at three speeds
    assert names["batch_size"] == {"data": 30_000} and names["gradient_clip_global_norm"] == 1.0
    assert names["acoustic_model"] == paper_conformer() and names["quantization"] == quantization
    assert "torch_amp" not in names and "torch_distributed" not in names


def test_without_a_gpu_several_processes_meet_through_gloo(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    names = executed(paper_config(None, distributed=True))
    assert (names["torch_distributed"]["backend"], names["device"]) == ("gloo", "cpu")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    names = executed(paper_config(None, distributed=True))
    assert "backend" not in names["torch_distributed"] and "device" not in names


def test_imports_follow_nested_values():
    value = (physical(conditioning=RandomPulses(count=7)), [paper_conformer()], None, 3)
    names: dict = {}
    exec(f"{imports_of(value)}copy = {value!r}", names)
    assert names["copy"] == value


if __name__ == "__main__":
    for quantization, path in GOLDEN.items():
        path.write_text(paper_config(quantization), encoding="utf-8")
