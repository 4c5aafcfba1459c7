import math

import pytest

from recipe.errors import InputError
from recipe.formats.learning_curve import Epoch, read_curve, read_learning_rates, write_curve

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
    write_curve(tmp_path / "curve.csv", EPOCHS)
    expected = "epoch,learning_rate,train_loss,dev_loss\n1,0.0003,7.32,4.65\n2,0.002,4,3.5\n"
    assert (tmp_path / "curve.csv").read_text(encoding="utf-8") == expected
    assert read_curve(tmp_path / "curve.csv") == EPOCHS


def test_an_empty_cell_is_no_number(tmp_path):
    (tmp_path / "float.csv").write_text("epoch,learning_rate,train_loss,dev_loss\n1,0.001,3.5,3.6\n2,0.001,2.5,\n")
    first, second = read_curve(tmp_path / "float.csv")
    assert (first.dev_loss, second.train_loss) == (3.6, 2.5) and math.isnan(second.dev_loss)


HEADER = "epoch,learning_rate,train_loss,dev_loss\n"


@pytest.mark.parametrize("content", ["", HEADER, "epoch,loss\n1,2\n", HEADER + "1,0.001,3.5\n", HEADER + "1,x,1,1\n"])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "float.csv").write_text(content)
    with pytest.raises(InputError, match=r"float\.csv is no learning curve"):
        read_curve(tmp_path / "float.csv")
