"""One training step as RETURNN calls it: what the loss sees, and what RETURNN gets."""

import numpy as np
import pytest
import torch
from returnn.frontend import get_run_ctx, init_train_step_run_ctx, select_backend_torch
from returnn.tensor import Dim, Tensor, TensorDict, batch_dim

from recipe.training.config import SpecAugmentConfig
from recipe.training.train_step import train_step

FEATURES = torch.ones(2, 50, 80)
TARGETS = torch.tensor([[1, 2, 3], [4, 0, 0]])
LENGTHS = {"data": torch.tensor([50, 40], dtype=torch.int32), "targets": torch.tensor([3, 1], dtype=torch.int32)}


class RecordingLoss:
    """Keeps its arguments; 6 and 2 for the two utterances, or what `values` says."""

    name = "recorded"

    def __init__(self, values=(6.0, 2.0)):
        self.values = torch.tensor(values)

    def __call__(self, network, *arguments):
        self.features, self.lengths, self.targets, self.target_lengths = arguments
        return self.values


def tensor(name: str, values: torch.Tensor, **options) -> Tensor:
    time = Dim(Tensor(f"{name}_lengths", [batch_dim], dtype="int32", raw_tensor=LENGTHS[name]), name=f"{name}_time")
    inner = [Dim(80, name="band")] if values.ndim == 3 else []
    return Tensor(name, [batch_dim, time, *inner], raw_tensor=values, **options)


def run(loss, *, training=True, **options):
    """The run context after one step."""
    tags = Tensor("seq_tag", [batch_dim], dtype="string", raw_tensor=np.array(["talk/1", "talk/2"]))
    data = TensorDict([tensor("data", FEATURES, dtype="float32"), tensor("targets", TARGETS, dtype="int64"), tags])
    select_backend_torch()
    init_train_step_run_ctx(train_flag=training, step=7, epoch=1)
    model = torch.nn.Linear(1, 1).train(training)
    train_step(model=model, extern_data=data, loss=loss, **{"specaugment_config": None, **options})
    return get_run_ctx()


def test_the_loss_is_summed_over_utterances_and_divided_by_labels():
    loss = RecordingLoss()
    marked = run(loss).losses["recorded"]
    assert marked.get_inv_norm_factor().raw_tensor == 4 and marked.get_summed_loss().raw_tensor == 8.0
    assert marked.get_scaled_reduced_loss().raw_tensor == 2.0
    assert torch.equal(loss.targets, TARGETS)
    assert (loss.lengths.tolist(), loss.target_lengths.tolist()) == ([50, 40], [3, 1])


def test_accumulated_batches_share_a_step():
    assert run(RecordingLoss(), accumulate_batches=4).losses["recorded"].get_scaled_reduced_loss().raw_tensor == 0.5


@pytest.mark.parametrize("training, config, masked", [(True, SpecAugmentConfig(), True), (True, None, False),
                                                      (False, SpecAugmentConfig(), False)])  # fmt: skip
def test_features_are_masked_in_training_alone_and_only_where_configured(training, config, masked):
    loss = RecordingLoss()
    run(loss, training=training, specaugment_config=config)
    assert torch.equal(loss.features, FEATURES) != masked


def test_a_loss_that_is_not_finite_names_step_and_utterance():
    with pytest.raises(FloatingPointError, match="not finite in step 7, utterances talk/2; lower the learning rate"):
        run(RecordingLoss((1.0, float("nan"))))
