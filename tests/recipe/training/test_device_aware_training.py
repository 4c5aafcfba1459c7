"""RETURNN trains a quantised model from a float one, which it distils, with the noise of devices and learned ranges."""

from dataclasses import replace

import pytest
import torch

import memristor_sim
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.formats.checkpoint import read_checkpoint, save_checkpoint
from recipe.formats.learning_curve import read_learning_rates
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec
from recipe.models.ctc import ctc_loss
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.ranges import Lsq
from recipe.training import distil as distil_module
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.distil import Distillation
from recipe.training.options import DeviceNoise, Distil
from recipe.training.returnn_model import returnn_model
from recipe.training.train import train
from tests.recipe.training.synthetic import MODEL, write_corpus

PLAIN = QuantizationConfig(weight_bits=3)
LEARNED = QuantizationConfig(weight_bits=3, weight_range=Lsq(per_column=True), input_range=Lsq(), weight_dropout=0.1)
TRAINING = TrainingConfig(
    schedule=LearningRateSchedule(up=1, down=1, decay=1, start=5e-3, peak=1e-2, low=5e-3, final=3e-3),
    partitions=1,
    batch_s=4.0,
    laplace_bin_segments=4,
    keep_last=3,
    keep_best=0,
)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("float") / "model.pt"
    save_checkpoint(MODEL.build(quantized=False), path)
    return str(path)


def test_all_at_once_trains_resumes_to_the_same_bytes_and_goes_onto_a_device(tmp_path, teacher):
    train_part, dev_part = write_corpus(tmp_path, "train", 16), write_corpus(tmp_path, "dev", 4)
    data = {**train_part, "dev_features": dev_part["features"], "dev_targets": dev_part["targets"]}
    noise = DeviceNoise(spread=(0.0, 2.0), cells=1000)
    taught = {"start": teacher, "teacher": teacher, "distil": Distil(weight=0.3), "noise": noise}
    folder = tmp_path / "run"
    folder.mkdir()

    def run():
        return train(folder, model=MODEL, quantization=LEARNED, training=TRAINING, **data, **taught)

    whole = run().read_bytes()
    losses = [epoch.dev_loss for epoch in read_learning_rates(folder / "learning_rates")]
    assert losses[-1] < losses[0]
    for path in (folder / "models").glob("epoch.00[23]*"):
        path.unlink()
    checkpoint = run()
    assert checkpoint.read_bytes() == whole
    state = read_checkpoint(checkpoint)
    learned = [value for name, value in state.items() if name.endswith("log_factor")]
    assert learned and all((value != 0).any() for value in learned)
    spec = ModelSpec(model=MODEL, quantization=LEARNED, hardware=physical())
    device = programmed_model(spec, str(checkpoint), 1).eval()
    assert device.get_submodule("blocks.0.feed_forward1.linear_in").column_scale.numel() == MODEL.feed_forward_dim


def test_training_starts_from_the_float_model_or_from_one_quantised_alike(tmp_path, teacher):
    network = returnn_model(MODEL, PLAIN, start=teacher)
    for name, value in read_checkpoint(teacher).items():
        assert torch.equal(network.state_dict()[name], value)
    network.train()(torch.randn(2, 80, 80), torch.tensor([80, 60]))
    save_checkpoint(network, tmp_path / "qat.pt")
    again = returnn_model(MODEL, PLAIN, start=str(tmp_path / "qat.pt"))
    for name, value in network.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)  # ranges as well
    for other in (replace(MODEL, model_dim=8), replace(MODEL, num_blocks=1)):
        with pytest.raises(InputError, match="does not fit"):
            returnn_model(other, PLAIN, start=str(tmp_path / "qat.pt"))


def batch():
    torch.manual_seed(0)
    features, lengths = torch.randn(2, 80, 80), torch.tensor([80, 48])
    features[1, 48:] = 0
    return features, lengths, torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_divergence_is_that_of_its_definition_over_valid_frames(teacher, temperature):
    features, lengths, targets, target_lengths = batch()
    network = build_model(MODEL, PLAIN).eval()
    distillation = Distillation(MODEL, teacher, Distil(weight=0.3, temperature=temperature))
    found = distillation(network, features, 2 * features, lengths, targets, target_lengths, ["a", "b"])
    log_probs, frames = network(features, lengths)
    taught = [
        distillation.teacher(features.device)(2 * features[i : i + 1, :length], torch.tensor([length]))[0][0]
        for i, length in enumerate(lengths.tolist())
    ]
    for index, own in enumerate(ctc_loss(log_probs, frames, targets, target_lengths)):
        p, q = ((one[index][: frames[index]] / temperature).softmax(-1).double() for one in (taught, log_probs))
        divergence = temperature**2 * (p * (p / q).log()).sum()
        torch.testing.assert_close(found[index], (0.7 * own + 0.3 * divergence).float(), rtol=1e-3, atol=1e-3)


def test_a_model_learns_nothing_from_itself_and_no_gradient_reaches_the_teacher(teacher):
    features, lengths, targets, target_lengths = batch()
    distillation = Distillation(MODEL, teacher, Distil(weight=1.0))
    network = distillation.teacher(features.device)
    alone = features[:1], features[:1], lengths[:1], targets[:1], target_lengths[:1], ["a"]  # no padding
    torch.testing.assert_close(distillation(network, *alone), torch.zeros(1), atol=1e-4, rtol=0)
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_posteriors_are_computed_once_for_an_utterance_and_depend_on_no_other(teacher):
    features, lengths, *_ = batch()
    distillation = Distillation(MODEL, teacher, Distil())
    both = distillation.taught(features, lengths, ["a", "b"])
    alone = Distillation(MODEL, teacher, Distil()).taught(features[1:, :48], lengths[1:], ["b"])
    assert torch.equal(both[1, : alone.shape[1]], alone[0]) and (both[1, alone.shape[1] :] == 0).all()
    distillation._teacher = None
    distillation.checkpoint = "is gone"
    assert torch.equal(distillation.taught(features.flip(0), lengths.flip(0), ["b", "a"]).flip(0), both)


def test_what_does_not_fit_is_computed_anew(teacher, monkeypatch):
    monkeypatch.setattr(distil_module, "KEPT_FRAMES", 25)
    features, lengths, *_ = batch()
    distillation = Distillation(MODEL, teacher, Distil())
    first = distillation.taught(features, lengths, ["a", "b"])
    assert set(distillation._kept) == {"a"}  # 20 frames; "b" has 12 more
    assert torch.equal(distillation.taught(features, lengths, ["a", "b"]), first)


def test_loading_the_teacher_draws_no_number_that_training_would_draw(teacher):
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    Distillation(MODEL, teacher, Distil()).teacher(torch.device("cpu"))
    assert torch.equal(torch.rand(1), wanted)


def test_nothing_but_the_state_of_a_model_leaves_training(teacher):
    network = returnn_model(MODEL, PLAIN, start=teacher, noise=DeviceNoise(cells=100), num_sub_epochs=3)
    assert network.state_dict().keys() == build_model(MODEL, PLAIN).state_dict().keys()
    network.train()(torch.randn(2, 80, 80), torch.tensor([80, 60]))
    memristor_sim.program(network.eval(), physical(), 1)
