from recipe.formats.learning_curve import Epoch
from recipe.training.curve_plot import learning_curve_figure

EPOCHS = [
    Epoch(number=1, learning_rate=0.0003, train_loss=7.32, dev_loss=4.65),
    Epoch(number=2, learning_rate=0.002, train_loss=4.0, dev_loss=3.5),
    Epoch(number=3, learning_rate=0.001, train_loss=3.0, dev_loss=3.25),
]


def lines(axes) -> dict:
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def test_both_losses_and_the_learning_rate_are_drawn_against_sub_epochs():
    losses, rates = learning_curve_figure(EPOCHS).axes
    assert lines(losses) == {"train": ([1, 2, 3], [7.32, 4.0, 3.0]), "dev": ([1, 2, 3], [4.65, 3.5, 3.25])}
    assert lines(rates) == {"learning rate": ([1, 2, 3], [0.0003, 0.002, 0.001])}
    assert (losses.get_ylabel(), rates.get_ylabel()) == ("CTC loss per label", "learning rate")
    assert len({line.get_color() for axes in (losses, rates) for line in axes.get_lines()}) == 3


def test_the_legend_names_all_three():
    (legend,) = learning_curve_figure(EPOCHS).legends
    assert [text.get_text() for text in legend.get_texts()] == ["train", "dev", "learning rate"]
