import pytest

from recipe.errors import InputError
from recipe.training.curves import Epoch, plot, read_learning_rates, write_csv

# As RETURNN writes it while the third sub-epoch runs.
TEXT = """{
1: EpochData(learningRate=0.0003, error={
':meta:device': 'cpu',
':meta:distributed': None,
'dev_loss_ctc': 4.65,
'train_loss_ctc': 7.32,
}),
2: EpochData(learningRate=0.002, error={'dev_loss_ctc': 3.5, 'train_loss_ctc': 4.0}),
3: EpochData(learningRate=1e-05, error={'train_loss_ctc': 3.0}),
4: EpochData(learningRate=1e-06, error={}),
}
"""
EPOCHS = [
    Epoch(number=1, learning_rate=0.0003, train_loss=7.32, dev_loss=4.65),
    Epoch(number=2, learning_rate=0.002, train_loss=4.0, dev_loss=3.5),
]


def test_finished_sub_epochs_are_read_from_returnns_file(tmp_path):
    (tmp_path / "learning_rates").write_text(TEXT, encoding="utf-8")
    assert read_learning_rates(tmp_path / "learning_rates") == EPOCHS


def test_the_loss_may_have_any_name(tmp_path):
    (tmp_path / "learning_rates").write_text(TEXT.replace("loss_ctc", "loss_full_sum"), encoding="utf-8")
    assert read_learning_rates(tmp_path / "learning_rates") == EPOCHS


def test_several_losses_are_refused(tmp_path):
    two = TEXT.replace("'dev_loss_ctc': 3.5", "'dev_loss_ctc': 3.5, 'dev_loss_lm': 1.0")
    (tmp_path / "learning_rates").write_text(two, encoding="utf-8")
    with pytest.raises(InputError, match="learning_rates: sub-epoch 2 has the dev losses ctc, lm; train with one loss"):
        read_learning_rates(tmp_path / "learning_rates")


def test_the_table(tmp_path):
    write_csv(EPOCHS, tmp_path / "curve.csv")
    expected = "epoch,learning_rate,train_loss,dev_loss\n1,0.0003,7.32,4.65\n2,0.002,4,3.5\n"
    assert (tmp_path / "curve.csv").read_text(encoding="utf-8") == expected


def test_the_plot_is_a_png_and_the_same_each_time(tmp_path):
    for name in ("a.png", "b.png"):
        plot(EPOCHS, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
