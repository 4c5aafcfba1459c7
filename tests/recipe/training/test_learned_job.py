"""The end of a training's job: the verdict is written, and a model that did not learn stops the graph."""

from dataclasses import replace

import pytest
import torch
from sisyphus import tk

from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.learned import read_learned
from recipe.quantization.build_model import build_model
from recipe.training import train as training_module
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.jobs import ReturnnTrainingJob
from tests.recipe.training.synthetic import MODEL, write_corpus

TRAINING = TrainingConfig(schedule=LearningRateSchedule(up=1, down=1, decay=1))


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job whose training leaves an untrained network."""
    dev = write_corpus(tmp_path, "dev", 7)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training_module, "train", lambda *_, **__: tmp_path / "unused")

    def collect(_work_dir, _checkpoint, *, out_checkpoint, **_outputs):
        torch.manual_seed(0)
        save_checkpoint(build_model(MODEL, None), out_checkpoint)

    monkeypatch.setattr(training_module, "collect", collect)

    def make(training):
        features, targets = [tk.Path(path) for path in dev["features"]], tk.Path(dev["targets"])
        made = ReturnnTrainingJob(
            MODEL, None, training, features, targets, features, targets, name="mini/training/float"
        )
        made.training = training  # one id, so Sisyphus may hand out the job made before
        for name in ("out_checkpoint", "out_learned"):
            setattr(made, name, tk.Path(str(tmp_path / getattr(made, name).path.rsplit("/")[-1])))
        return made

    return make


def test_a_model_that_did_not_learn_stops_the_graph_after_its_verdict_is_written(job, capsys):
    made = job(TRAINING)
    with pytest.raises(InputError, match="^mini/training/float did not learn: .*allow_unlearned=True"):
        made.run()
    judged = read_learned(made.out_learned.get_path())
    assert not judged.learned and judged.utterances == 7
    assert "mini/training/float: loss" in capsys.readouterr().out


def test_it_goes_on_where_that_is_allowed(job):
    made = job(replace(TRAINING, allow_unlearned=True))
    made.run()
    assert not read_learned(made.out_learned.get_path()).learned
