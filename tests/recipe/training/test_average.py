from dataclasses import replace

import pytest
import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import load_checkpoint, save_checkpoint, save_state
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.training.average import average_checkpoints
from recipe.training.checkpoints import BestCheckpoints
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.jobs import AverageCheckpointsJob
from tests.recipe.training.synthetic import MODEL
from tests.recipe.training.test_model_jobs import training_job

QUANTIZATION = QuantizationConfig(weight_bits=3)


def write_models(folder, number: int) -> list:
    paths = []
    for seed in range(number):
        torch.manual_seed(seed)
        model = build_model(MODEL, QUANTIZATION)
        for name, buffer in model.named_buffers():
            if name.endswith(".range"):
                buffer.fill_(seed + 1.0)
        paths.append(folder / f"{seed} ü.pt")
        save_checkpoint(model, paths[-1])
    return paths


def test_weights_and_ranges_are_the_mean(tmp_path):
    paths = write_models(tmp_path, 4)
    average_checkpoints(paths, tmp_path / "mean.pt")
    states = [load_checkpoint(build_model(MODEL, QUANTIZATION), path).state_dict() for path in paths]
    mean = load_checkpoint(build_model(MODEL, QUANTIZATION), tmp_path / "mean.pt").state_dict()
    ranges = [name for name in mean if name.endswith(".range")]
    assert ranges and all(mean[name] == 2.5 for name in ranges)
    for name, value in mean.items():
        torch.testing.assert_close(value, torch.stack([state[name] for state in states]).mean(0), rtol=1e-6, atol=1e-7)


def test_the_mean_of_one_checkpoint_is_itself(tmp_path):
    (path,) = write_models(tmp_path, 1)
    average_checkpoints([path], tmp_path / "mean.pt")
    assert (tmp_path / "mean.pt").read_bytes() == path.read_bytes()


def test_whole_numbers_are_kept_and_must_agree(tmp_path):
    for name, count, weight in (("a", 3, 0.0), ("b", 3, 1.0), ("c", 4, 1.0)):
        save_state({"count": torch.tensor(count), "weight": torch.tensor(weight)}, tmp_path / f"{name}.pt")
    average_checkpoints([tmp_path / "a.pt", tmp_path / "b.pt"], tmp_path / "mean.pt")
    mean = torch.load(tmp_path / "mean.pt", weights_only=True)["model"]
    assert mean["count"] == 3 and mean["weight"] == 0.5
    with pytest.raises(InputError, match="c.pt: count is not that of"):
        average_checkpoints([tmp_path / "a.pt", tmp_path / "c.pt"], tmp_path / "mean.pt")


def test_sums_are_exact_where_float32_would_round(tmp_path):
    paths = [tmp_path / f"{number}.pt" for number in range(4)]
    for path, value in zip(paths, (2.0**24, 1.0, -(2.0**24), 0.0), strict=True):  # 2**24 + 1 is no float32
        save_state({"weight": torch.tensor([value])}, path)
    average_checkpoints(paths, tmp_path / "mean.pt")
    mean = torch.load(tmp_path / "mean.pt", weights_only=True)["model"]["weight"]
    assert mean.tolist() == [0.25] and mean.dtype == torch.float32


def test_shapes_that_would_broadcast_are_refused(tmp_path):
    for name, shape in (("a", (3,)), ("b", (1,))):
        save_state({"weight": torch.ones(shape)}, tmp_path / f"{name}.pt")
    with pytest.raises(InputError, match="b.pt: weight is not that of"):
        average_checkpoints([tmp_path / "a.pt", tmp_path / "b.pt"], tmp_path / "mean.pt")


def test_checkpoints_of_different_models_are_refused(tmp_path):
    (path,) = write_models(tmp_path, 1)
    save_checkpoint(build_model(replace(MODEL, num_blocks=1), QUANTIZATION), tmp_path / "other.pt")
    with pytest.raises(InputError, match="other.pt: blocks.1"):
        average_checkpoints([path, tmp_path / "other.pt"], tmp_path / "mean.pt")


def test_a_training_offers_no_more_best_checkpoints_than_it_keeps_or_has():
    schedule = LearningRateSchedule(up=1, down=1, decay=1)
    counts = {
        kept: len(training_job(None, TrainingConfig(schedule=schedule, keep_best=kept)).out_best_checkpoints)
        for kept in (0, 2, 4)
    }
    assert counts == {0: 0, 2: 2, 4: 3}


def test_impossible_choices_are_refused():
    with pytest.raises(InputError, match="BestCheckpoints.number is 0"):
        BestCheckpoints(0)
    with pytest.raises(InputError, match="no checkpoints"):
        AverageCheckpointsJob([])
