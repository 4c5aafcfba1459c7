"""Options that GPUs like, run on the CPU: bfloat16, gradient accumulation, several processes."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from recipe.errors import InputError
from recipe.formats.checkpoint import read_checkpoint
from recipe.formats.hdf import HdfWriter
from recipe.formats.learning_curve import read_learning_rates
from recipe.quantization.config import QuantizationConfig
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.jobs import ReturnnTrainingJob
from recipe.training.train import train
from tests.recipe.training.synthetic import MODEL, write_corpus
from tests.recipe.training.test_model_jobs import HDF
from tests.recipe.training.test_model_jobs import TRAINING as ANY_TRAINING
from tests.recipe.training.watched import WatchedConformer, read_ranges

SCHEDULE = LearningRateSchedule(up=1, down=1, decay=1, start=3e-3, peak=1e-2, low=3e-3, final=1e-3)
TRAINING = TrainingConfig(
    schedule=SCHEDULE, partitions=1, batch_s=4.0, laplace_bin_segments=4, specaugment=None, keep_last=1, keep_best=0
)


def corpus(folder, num_segments: int = 24) -> dict:
    train_part, dev_part = write_corpus(folder, "train", num_segments), write_corpus(folder, "dev", 8)
    return train_part | {f"dev_{kind}": paths for kind, paths in dev_part.items()}


def losses_fall(work_dir) -> bool:
    epochs = read_learning_rates(work_dir / "learning_rates")
    return len(epochs) == 3 and epochs[-1].dev_loss < 0.9 * epochs[0].dev_loss


def test_bfloat16_trains_and_keeps_float32_weights(tmp_path):
    training = replace(TRAINING, precision="bfloat16")
    quantization = QuantizationConfig(weight_bits=4)
    path = train(tmp_path, model=MODEL, quantization=quantization, training=training, **corpus(tmp_path))
    assert losses_fall(tmp_path)
    weights = [value for value in read_checkpoint(path).values() if isinstance(value, torch.Tensor)]
    assert {value.dtype for value in weights} == {torch.float32}


def test_two_batches_of_half_the_size_make_the_same_step(tmp_path):
    rng = np.random.default_rng(0)
    data = {"features": [str(tmp_path / "features.hdf")], "targets": str(tmp_path / "targets.hdf")}
    with HdfWriter(data["features"][0], 80) as features, HdfWriter(data["targets"], 6, sparse=True) as targets:
        for number in range(4):  # of one length and as many labels: the mean of two halves is then that of the whole
            features.append(f"train/a/{number}", rng.normal(size=(120, 80)))
            targets.append(f"train/a/{number}", rng.integers(0, 6, 5))
    data |= {f"dev_{kind}": paths for kind, paths in data.items()}
    model = replace(MODEL, dropout=0.0, inner_dropout=0.0, attention_dropout=0.0)
    states = []  # after three steps, before RAdam begins to divide by gradients' sizes: some are zero but for rounding
    for batch_s, accumulate in ((4.8, 1), (2.4, 2)):
        # Clipping would hide the size of the gradients.
        training = replace(TRAINING, batch_s=batch_s, accumulate_batches=accumulate, gradient_clip=1e9)
        work_dir = tmp_path / str(accumulate)
        work_dir.mkdir()
        states.append(read_checkpoint(train(work_dir, model=model, quantization=None, training=training, **data)))
        steps = re.findall(r"^ep 1 train, step", (work_dir / "returnn.log").read_text(), re.MULTILINE)
        assert len(steps) == accumulate
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, rtol=1e-4, atol=1e-5)


def test_two_processes_share_the_data_and_the_ranges(tmp_path):
    quantization = QuantizationConfig(weight_bits=4)
    data = corpus(tmp_path)
    model = WatchedConformer(**vars(MODEL))
    path = train(tmp_path, model=model, quantization=quantization, training=TRAINING, num_processes=2, **data)
    assert losses_fall(tmp_path)
    log = (tmp_path / "returnn.log").read_text(encoding="utf-8")
    assert log.count("ep 1 train num_seqs: 12\n") == 2
    (before, after), (other_before, other_after) = (read_ranges(tmp_path, rank) for rank in (0, 1))
    assert not torch.equal(after, other_after)  # different data widen different ranges
    shared = torch.maximum(after, other_after)[:-1]
    assert torch.equal(before[1:], shared) and torch.equal(other_before[1:], shared)
    saved = [value for name, value in read_checkpoint(path).items() if name.endswith(".range")]
    assert sorted(saved) == sorted(after[-1])


def test_the_number_of_processes_is_part_of_the_identity_beyond_one():
    def job(**more) -> ReturnnTrainingJob:
        return ReturnnTrainingJob(MODEL, None, ANY_TRAINING, [HDF], HDF, [HDF], HDF, **more)

    assert job().job_id() == job(num_processes=1).job_id() != job(num_processes=2).job_id()
    with pytest.raises(InputError, match="num_processes is 0"):
        job(num_processes=0)
