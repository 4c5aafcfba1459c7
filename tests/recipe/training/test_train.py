"""Real RETURNN runs on a corpus of a minute, each a few seconds."""

import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from returnn.datasets.basic import init_dataset

from recipe.errors import InputError
from recipe.formats.checkpoint import load_checkpoint
from recipe.formats.hdf import HdfReader, HdfWriter
from recipe.formats.learning_curve import read_learning_rates
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.training import returnn_process
from recipe.training import train as training_module
from recipe.training.config import LearningRateSchedule, SpecAugmentConfig, TrainingConfig
from recipe.training.learned import judge
from recipe.training.train import collect, train
from tests.recipe.training.synthetic import MODEL, write_corpus

QUANTIZATION = QuantizationConfig(weight_bits=4)
TRAINING = TrainingConfig(
    schedule=LearningRateSchedule(up=1, down=2, decay=1, start=3e-3, peak=1e-2, low=3e-3, final=1e-3),
    partitions=2,
    batch_s=4.0,
    laplace_bin_segments=4,
    specaugment=SpecAugmentConfig(max_time_width=4, max_feature_masks=2, max_feature_width=4),
    keep_last=1,
    keep_best=2,
)
GOLDEN_LOSSES = Path(__file__).with_name("first_losses.txt")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus of ü")
    train_part, dev_part = write_corpus(folder, "train", 40), write_corpus(folder, "dev", 8)
    # As with words without a pronunciation: one dev segment has features but no targets.
    targets = list(HdfReader(dev_part["targets"]).items())
    with HdfWriter(dev_part["targets"], MODEL.num_labels, sparse=True) as writer:
        for name, labels in targets[1:]:
            writer.append(name, labels)
    return {
        "features": train_part["features"],
        "targets": train_part["targets"],
        "dev_features": dev_part["features"],
        "dev_targets": dev_part["targets"],
    }


def run(work_dir: Path, data: dict) -> Path:
    work_dir.mkdir(exist_ok=True)
    return train(work_dir, model=MODEL, quantization=QUANTIZATION, training=TRAINING, **data)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, data):
    work_dir = tmp_path_factory.mktemp("straight run")
    return work_dir, run(work_dir, data)


def test_the_loss_falls_and_the_first_losses_are_the_known_ones(finished):
    epochs = read_learning_rates(finished[0] / "learning_rates")
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx(TRAINING.schedule.rates())
    assert epochs[-1].dev_loss < 0.7 * epochs[0].dev_loss
    log = (finished[0] / "returnn.log").read_text(encoding="utf-8")
    losses = [float(loss) for loss in re.findall(r"^ep \d train, step \d+, ctc ([\d.]+)", log, re.MULTILINE)]
    expected = [float(line) for line in GOLDEN_LOSSES.read_text(encoding="utf-8").split()]
    assert len(expected) == 20 and losses[:20] == pytest.approx(expected, rel=0.02)


def test_training_data_are_shuffled_in_bins_and_dev_data_sorted(finished):
    names: dict = {}
    exec((finished[0] / "returnn.config").read_text(encoding="utf-8"), names)
    order = {part: names[part]["datasets"]["features"] for part in ("train", "dev")}
    assert (order["train"]["seq_ordering"], order["train"]["partition_epoch"]) == ("laplace:.4", 2)
    assert order["dev"]["seq_ordering"] == "sorted_reverse" and "partition_epoch" not in order["dev"]


def test_dev_segments_without_targets_are_left_out(finished):
    log = (finished[0] / "returnn.log").read_text(encoding="utf-8")
    assert "ep 1 dev eval num_seqs: 7\n" in log and "ep 1 train num_seqs: 20\n" in log


def test_an_interrupted_run_ends_with_the_same_bytes(tmp_path, data, finished, monkeypatch):
    class Interrupt:
        def __init__(self, *_):
            pass

        def __call__(self, epoch, *_):
            if epoch == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(returnn_process, "PROGRESS_PERIOD_S", 0.0)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training_module, "_Progress", Interrupt)
        run(tmp_path, data)
    # As if killed between the model and its optimiser state, and long before the third sub-epoch.
    models = tmp_path / "models"
    assert (models / "epoch.002.pt").exists()
    (models / "epoch.003.pt").write_bytes((models / "epoch.002.pt").read_bytes())
    checkpoint = run(tmp_path, data)
    assert checkpoint.read_bytes() == finished[1].read_bytes()
    fraction, text = (tmp_path / "progress").read_text(encoding="utf-8").split(" ", 1)
    assert float(fraction) > 0.7 and re.match(r"epoch 4/4 (loss [\d.]+ )?dev [\d.]+\n", text)


@pytest.mark.parametrize(
    "step, line",
    [
        ((2, "train", "1.5", 0.25), "0.3125 epoch 2/4 loss 1.5 dev 0.75\n"),
        ((2, "train", None, 0.5), "0.3750 epoch 2/4 dev 0.75\n"),
        ((2, "dev", "9.9", 0.1), "0.5000 epoch 2/4 dev 0.75\n"),
    ],
)
def test_progress_counts_the_training_data_of_a_sub_epoch(tmp_path, step, line):
    errors = "error={'dev_loss_ctc': 0.75, 'train_loss_ctc': 1.0}"
    (tmp_path / "learning_rates").write_text(f"{{1: EpochData(learningRate=0.1, {errors})}}", encoding="utf-8")
    training_module._Progress(tmp_path, 4)(*step)
    assert (tmp_path / "progress").read_text(encoding="utf-8") == line


def test_the_results_are_collected(tmp_path, finished):
    names = {"out_checkpoint": "model.pt", "out_rates": "rates.txt", "out_csv": "curve.csv", "out_plot": "curve.png"}
    best = [tmp_path / f"best.{rank}.pt" for rank in (1, 2)]
    collect(*finished, **{key: str(tmp_path / name) for key, name in names.items()}, out_best=list(map(str, best)))
    assert {path.name for path in tmp_path.iterdir()} == {*names.values(), "best.1.pt", "best.2.pt"}
    work_dir, losses = finished[0], read_learning_rates(finished[0] / "learning_rates")
    ranked = sorted(losses, key=lambda epoch: epoch.dev_loss)
    for path, epoch in zip(best, ranked, strict=False):
        assert path.read_bytes() == (work_dir / "models" / f"epoch.{epoch.number:03d}.pt").read_bytes()
    load_checkpoint(build_model(MODEL, QUANTIZATION), tmp_path / "model.pt")
    assert (tmp_path / "rates.txt").read_text(encoding="utf-8").split() == ["0.003", "0.01", "0.003", "0.003"]


def test_the_verdict_rests_on_the_dev_loss_that_returnn_computed(finished, data):
    work_dir, checkpoint = finished
    judged = judge(checkpoint, MODEL, QUANTIZATION, data["dev_features"], data["dev_targets"])
    assert judged.loss == pytest.approx(read_learning_rates(work_dir / "learning_rates")[-1].dev_loss, rel=0.1)
    assert judged.utterances == 7


def test_a_loss_that_is_not_finite_stops_and_names_step_and_utterance(tmp_path, data):
    segments = [pair for path in data["features"] for pair in HdfReader(path).items()]
    segments[3][1][5, 7] = np.nan
    with HdfWriter(tmp_path / "broken.hdf", 80) as writer:
        for name, frames in segments:
            writer.append(name, frames)
    with pytest.raises(RuntimeError, match=r"loss is not finite in step \d+, utterances .*" + segments[3][0]):
        run(tmp_path, {**data, "features": [str(tmp_path / "broken.hdf")]})


def test_targets_without_features_are_named_before_anything_runs(tmp_path, data):
    with pytest.raises(InputError, match=r"segment train/.* has no features"):
        run(tmp_path, {**data, "features": data["dev_features"]})


def test_copies_at_other_speeds_share_the_targets(tmp_path, data):
    for number, path in enumerate(data["features"]):
        with HdfWriter(tmp_path / f"fast.{number}.hdf", 80) as writer:
            for name, frames in HdfReader(path).items():
                writer.append(f"{name}@1.111", frames[::2])
    features = [*data["features"], str(tmp_path / "fast.0.hdf"), str(tmp_path / "fast.1.hdf")]
    options = training_module._dataset(tmp_path / "train", features, data["targets"], seq_ordering="random")
    dataset = init_dataset(options)
    dataset.init_seq_order(epoch=1)
    segments = dict(HdfReader(data["targets"]))
    lengths = {name: len(frames) for path in data["features"] for name, frames in HdfReader(path).items()}
    seen = {}
    for number in range(dataset.num_seqs):
        dataset.load_seqs(number, number + 1)
        name, _, speed = dataset.get_tag(number).partition("@")
        seen[name, speed] = len(dataset.get_data(number, "data"))
        np.testing.assert_array_equal(dataset.get_data(number, "targets"), segments[name])
    slow = {(name, ""): length for name, length in lengths.items()}
    assert seen == slow | {(name, "1.111"): (length + 1) // 2 for name, length in lengths.items()}


def test_checkpoints_that_are_not_whole_are_dropped_until_one_is(tmp_path, capsys):
    for epoch in (1, 2, 3, 4):
        for kind in ("pt", "opt.pt"):
            torch.save({"model": torch.full((100,), float(epoch))}, tmp_path / f"epoch.{epoch:03d}.{kind}")
    content = bytearray((tmp_path / "epoch.003.opt.pt").read_bytes())
    content[content.index(np.full(2, 3.0, np.float32).tobytes())] ^= 1
    (tmp_path / "epoch.003.opt.pt").write_bytes(content)
    (tmp_path / "epoch.004.opt.pt").unlink()
    assert training_module._drop_half_saved(tmp_path)
    kept = {f"epoch.{epoch:03d}.{kind}" for epoch in (1, 2) for kind in ("pt", "opt.pt")}
    assert {path.name for path in tmp_path.iterdir()} == kept
    assert capsys.readouterr().out.count("training goes on from the one before") == 2


@pytest.mark.parametrize("whole", [True, False])
def test_the_record_of_earlier_code_stays_as_long_as_a_checkpoint_of_it(tmp_path, monkeypatch, whole):
    (tmp_path / "models").mkdir()
    for kind in ("pt", "opt.pt")[: 2 if whole else 1]:
        torch.save({"model": torch.zeros(3)}, tmp_path / "models" / f"epoch.001.{kind}")
    (tmp_path / "code.0123456789ab").write_text("{}")
    monkeypatch.setattr(training_module, "HdfReader", lambda _: nullcontext({}))
    for name in ("_dataset", "run_returnn"):
        monkeypatch.setattr(training_module, name, lambda *_, **__: None)
    monkeypatch.setattr(training_module, "training_config", lambda *_, **__: "")
    training = SimpleNamespace(
        batch_s=1.0, laplace_bin_segments=1, partitions=1, schedule=SimpleNamespace(num_sub_epochs=2)
    )
    some = {name: [] for name in ("features", "targets", "dev_features", "dev_targets")}
    training_module.train(
        tmp_path, model=SimpleNamespace(check_batches=print), quantization=None, training=training, **some
    )
    assert (tmp_path / "code.0123456789ab").exists() == whole
