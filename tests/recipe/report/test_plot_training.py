import math

import pytest

from recipe.errors import InputError
from recipe.report.plot_training import learning_curves_figure
from tests.recipe.report.artists import caption_of, line_of, named_lines, texts

HEADER = "epoch,learning_rate,train_loss,dev_loss\n"


@pytest.fixture
def curves(tmp_path):
    (tmp_path / "float.csv").write_text(HEADER + "1,0.001,3.5,3.6\n2,0.002,2.5,3.1\n")
    (tmp_path / "qat-4.csv").write_text(HEADER + "1,0.001,4.5,4.75\n2,0.003,4.0,\n3,0.001,3.0,3.25\n")
    return {name: str(tmp_path / f"{name}.csv") for name in ("float", "qat-4")}


def test_every_training_has_its_losses_on_train_and_on_dev_and_its_learning_rate(curves):
    train, dev, rates = learning_curves_figure(curves, "mini").axes
    assert named_lines(train) == {"float": ([1, 2], [3.5, 2.5]), "qat-4": ([1, 2, 3], [4.5, 4.0, 3.0])}
    assert named_lines(dev)["float"] == ([1, 2], [3.6, 3.1])
    epochs, (first, missing, last) = named_lines(dev)["qat-4"]
    assert (epochs, first, last) == ([1, 2, 3], 4.75, 3.25) and math.isnan(missing)
    assert named_lines(rates) == {"float": ([1, 2], [0.001, 0.002]), "qat-4": ([1, 2, 3], [0.001, 0.003, 0.001])}


def test_panels_lines_and_caption_say_what_is_shown(curves):
    figure = learning_curves_figure(curves, "mini")
    train, dev, rates = figure.axes
    assert [axes.get_title("left") for axes in figure.axes] == ["CTC loss per label, train", "dev", "learning rate"]
    assert train.get_ylim() == dev.get_ylim() and rates.get_ylim() != dev.get_ylim()
    assert {axes.get_xlabel() for axes in figure.axes} == {"sub-epoch"}
    assert texts(dev) == ["float", "qat-4"]
    for name in curves:
        assert len({tuple(line_of(axes, name).get_color()) for axes in figure.axes}) == 1
    assert line_of(train, "float").get_color() != line_of(train, "qat-4").get_color()
    assert caption_of(figure).startswith("Setup mini: one training per model")


def test_another_table_is_refused(curves, tmp_path):
    (tmp_path / "float.csv").write_text("epoch,loss\n1,2\n")
    with pytest.raises(InputError, match="no learning curve"):
        learning_curves_figure(curves, "mini")
