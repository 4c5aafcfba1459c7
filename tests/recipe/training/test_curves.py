import math

import pytest

from recipe.errors import InputError
from recipe.training.curves import Epoch, read_csv, read_learning_rates, write_csv

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


def test_the_table(tmp_path):
    write_csv(EPOCHS, tmp_path / "curve.csv")
    expected = "epoch,learning_rate,train_loss,dev_loss\n1,0.0003,7.32,4.65\n2,0.002,4,3.5\n"
    assert (tmp_path / "curve.csv").read_text(encoding="utf-8") == expected


def test_the_table_gives_the_epochs_back_and_an_empty_cell_is_nan(tmp_path):
    write_csv(EPOCHS, tmp_path / "curve.csv")
    assert read_csv(tmp_path / "curve.csv") == EPOCHS
    with open(tmp_path / "curve.csv", "a") as file:
        file.write("3,0.001,2.5,\n")
    third = read_csv(tmp_path / "curve.csv")[2]
    assert (third.number, third.train_loss) == (3, 2.5) and math.isnan(third.dev_loss)


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss\n1,2\n",
        "epoch,learning_rate,train_loss,dev_loss\n",
        "",
        "epoch,learning_rate,train_loss,dev_loss\n1\n",
    ],
)
def test_other_tables_are_refused(tmp_path, text):
    (tmp_path / "curve.csv").write_text(text)
    with pytest.raises(InputError, match=r"curve\.csv is no learning curve; it needs the columns epoch, "):
        read_csv(tmp_path / "curve.csv")
