"""The verdict on a training, on networks whose posteriors are known."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfReader
from recipe.models.ctc import CtcLoss, ctc_loss, greedy_labels
from recipe.models.priors_only import priors_only_loss
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.training import learned
from recipe.training.label_errors import errors_and_deletions
from recipe.training.learned import figures, judge, measure, require_learned, sample
from tests.recipe.training.synthetic import MODEL, NUM_LABELS, write_corpus


class Posteriors(nn.Module):
    """Emits its input as logits, every second frame, and one frame of padding."""

    def forward(self, features, lengths):
        logits = nn.functional.pad(features[:, ::2], (0, 0, 0, 1), value=9.0)
        return logits.log_softmax(-1), (lengths + 1) // 2


def utterance(path, labels, sure=5.0):
    """Frames whose posteriors are sure of `path`, each frame twice."""
    logits = sure * nn.functional.one_hot(torch.tensor(path), NUM_LABELS + 1).float()
    return logits.repeat_interleave(2, 0), torch.tensor(labels)


BLANK = NUM_LABELS
GOOD = utterance([0, BLANK, 1, 1, BLANK, 2, BLANK, BLANK, 3], [0, 1, 2, 3])
SILENT = utterance([BLANK] * 9, [0, 1, 2, 3])


def test_a_model_that_recognises_has_learned():
    judged = measure(Posteriors(), CtcLoss(), [GOOD, GOOD], NUM_LABELS + 1)
    assert judged.learned and judged.loss < 0.5 * judged.priors_loss
    assert (judged.label_error_percent, judged.deletion_share, judged.utterances) == (0.0, 0.0, 2)
    assert judged.blank_share == pytest.approx(4 / 9)
    assert judged.priors_loss == pytest.approx(priors_only_loss([GOOD[1]] * 2, [9, 9], NUM_LABELS + 1) / 8)
    require_learned(judged, "mini/training/float")


def test_a_model_that_emits_blank_alone_has_not():
    judged = measure(Posteriors(), CtcLoss(), [SILENT], NUM_LABELS + 1)
    assert not judged.learned
    assert (judged.blank_share, judged.deletion_share, judged.label_error_percent) == (1.0, 1.0, 100.0)


def test_blank_alone_has_not_learned_even_with_a_small_loss():
    unsure = utterance([BLANK] * 9, [0, 1, 2, 3])
    for frame, label in ((0, 0), (2, 1), (5, 2), (8, 3)):  # each label nearly as likely as blank where it is spoken
        unsure[0][2 * frame : 2 * frame + 2, label] = 4.9
    judged = measure(Posteriors(), CtcLoss(), [unsure], NUM_LABELS + 1)
    assert judged.loss < 0.9 * judged.priors_loss and judged.blank_share == 1.0
    assert not judged.learned


@pytest.mark.parametrize("limit, has_learned", [(1.01, True), (0.99, False)])
def test_the_loss_is_held_against_that_of_the_priors(monkeypatch, limit, has_learned):
    judged = measure(Posteriors(), CtcLoss(), [GOOD, SILENT], NUM_LABELS + 1)
    monkeypatch.setattr(learned, "LARGEST_SHARE_OF_PRIORS_LOSS", limit * judged.loss / judged.priors_loss)
    assert measure(Posteriors(), CtcLoss(), [GOOD, SILENT], NUM_LABELS + 1).learned is has_learned


def test_a_loss_that_is_no_number_is_no_success():
    frames, labels = GOOD
    assert not measure(Posteriors(), CtcLoss(), [(frames * float("nan"), labels)], NUM_LABELS + 1).learned


def test_the_message_names_training_losses_and_what_to_do():
    judged = replace(measure(Posteriors(), CtcLoss(), [SILENT], NUM_LABELS + 1), loss=3.456, priors_loss=3.512)
    with pytest.raises(InputError) as error:
        require_learned(judged, "mini/training/qat-2")
    text = str(error.value)
    for part in ("mini/training/qat-2 did not learn", "3.46", "3.51", "100.0 %", "min_updates", "allow_unlearned=True"):
        assert part in text
    assert "\n" not in text
    assert "3.46 per label on 1 utterances" in figures(judged)


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("dev"), "dev", 7)


@pytest.mark.parametrize("quantization", [None, QuantizationConfig(weight_bits=4)])
def test_a_checkpoint_is_judged_by_its_files(tmp_path, dev, quantization):
    torch.manual_seed(1)
    network = build_model(MODEL, quantization).eval()
    save_checkpoint(network, tmp_path / "model.pt")
    judged = judge(tmp_path / "model.pt", MODEL, quantization, dev["features"], dev["targets"])
    loss, errors, num_labels = 0.0, 0, 0
    with HdfReader(*dev["features"]) as features, HdfReader(dev["targets"]) as targets:
        for name, labels in targets.items():
            log_probs, lengths = network(torch.tensor(features[name])[None], torch.tensor([len(features[name])]))
            args = lengths, torch.tensor(labels)[None].long(), torch.tensor([len(labels)])
            loss += ctc_loss(log_probs, *args).item()
            path = log_probs[0].argmax(-1).tolist()
            errors += errors_and_deletions(labels.tolist(), greedy_labels(path, NUM_LABELS))[0]
            num_labels += len(labels)
    assert judged.loss == pytest.approx(loss / num_labels, rel=1e-5)
    assert judged.label_error_percent == pytest.approx(100 * errors / num_labels)
    assert judged.utterances == 7 and not judged.learned


def test_a_long_part_is_sampled_evenly(monkeypatch, dev):
    monkeypatch.setattr(learned, "MOST_UTTERANCES", 3)
    whole = [labels.tolist() for labels in _all_labels(dev)]
    assert [labels.tolist() for _, labels in sample(dev["features"], dev["targets"])] == whole[::3]


def _all_labels(dev):
    with HdfReader(dev["targets"]) as targets:
        return [torch.tensor(labels) for labels in targets.values()]
