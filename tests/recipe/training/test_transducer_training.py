"""RETURNN trains a transducer from a CTC checkpoint: the loss falls, and a resumed run gives the same bytes."""

from dataclasses import replace

import pytest
import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import read_checkpoint, save_checkpoint
from recipe.formats.learning_curve import read_learning_rates
from recipe.models.predictor import ContextOnePredictor
from recipe.models.transducer import TransducerConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.returnn_config import training_config
from recipe.training.returnn_model import returnn_model
from recipe.training.train import train
from tests.recipe.training.synthetic import MODEL, write_corpus

TRANSDUCER = TransducerConfig(
    encoder=MODEL, predictor=ContextOnePredictor(embedding_dim=4, hidden_dim=8), joiner_dim=12
)
QUANTIZATION = QuantizationConfig(weight_bits=4)
TRAINING = TrainingConfig(
    schedule=LearningRateSchedule(up=1, down=1, decay=1, start=5e-3, peak=1e-2, low=5e-3, final=3e-3),
    partitions=1,
    batch_s=4.0,
    laplace_bin_segments=4,
    specaugment=None,
    keep_last=3,
    keep_best=0,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    train_part, dev_part = write_corpus(folder, "train", 24), write_corpus(folder, "dev", 4)
    return {**train_part, "dev_features": dev_part["features"], "dev_targets": dev_part["targets"]}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("ctc") / "model.pt"
    save_checkpoint(build_model(MODEL, QUANTIZATION), path)
    return str(path)


def test_the_loss_falls_and_a_resumed_training_gives_the_same_bytes(tmp_path, data, encoder):
    def run(folder):
        folder.mkdir(exist_ok=True)
        given = {"model": TRANSDUCER, "quantization": QUANTIZATION, "training": TRAINING}
        return train(folder, **given, **data, encoder=encoder)

    whole = run(tmp_path / "whole").read_bytes()
    losses = [epoch.dev_loss for epoch in read_learning_rates(tmp_path / "whole" / "learning_rates")]
    assert losses[-1] < losses[0]
    models = tmp_path / "whole" / "models"
    for path in models.glob("epoch.00[23]*"):
        path.unlink()
    assert run(tmp_path / "whole").read_bytes() == whole


def test_the_network_starts_with_the_encoder_of_the_checkpoint(encoder, tmp_path):
    network = returnn_model(TRANSDUCER, QUANTIZATION, encoder=encoder, epoch=1, step=0)
    for name, value in read_checkpoint(encoder).items():
        torch.testing.assert_close(network.state_dict()[f"encoder.{name}"], value)
    other = tmp_path / "other.pt"
    save_checkpoint(build_model(replace(MODEL, model_dim=8), QUANTIZATION), other)
    with pytest.raises(InputError, match="does not fit the model; give the one it was made with"):
        returnn_model(TRANSDUCER, QUANTIZATION, encoder=str(other))


def test_the_configuration_holds_the_values_and_the_checkpoint():
    text = training_config(TRANSDUCER, None, TRAINING, train={}, dev={}, encoder="/x/model.pt")
    assert repr(TRANSDUCER) in text and "get_model = functools.partial(get_model, encoder='/x/model.pt')" in text
    assert "from recipe.models.predictor import ContextOnePredictor\n" in text
    assert "from recipe.models.conformer import ConformerConfig\n" in text
    compile(text, "returnn.config", "exec")


def test_a_joint_tensor_that_does_not_fit_is_refused_before_returnn_starts(tmp_path, data):
    model = replace(TRANSDUCER, joint_memory_gb=1e-5)
    with pytest.raises(InputError, match="the joint tensor of a batch takes up to 0.0 GB"):
        train(tmp_path, model=model, quantization=None, training=TRAINING, **data)
    assert not list(tmp_path.iterdir())
