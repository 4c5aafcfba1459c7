"""Learning curves as lines and as the picture of one training. Loads matplotlib: import it where a worker draws."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from recipe.formats.learning_curve import Epoch


def draw_curve(axes: Axes, epochs: Sequence[Epoch], quantity: str, **line: Any) -> None:
    """One line: a field of `Epoch` against the number of the sub-epoch.

    :param line: label, colour and style, as matplotlib takes them
    """
    axes.plot([epoch.number for epoch in epochs], [getattr(epoch, quantity) for epoch in epochs], **line)


def learning_curve_figure(epochs: Sequence[Epoch]) -> Figure:
    """Losses of one training on train and dev, and its learning rate, against sub-epochs."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    draw_curve(axes, epochs, "train_loss", label="train")
    draw_curve(axes, epochs, "dev_loss", label="dev")
    axes.set(xlabel="sub-epoch", ylabel="CTC loss per label", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    rates = axes.twinx()
    draw_curve(rates, epochs, "learning_rate", color="0.6", linestyle=":", label="learning rate")
    rates.set(ylabel="learning rate", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure
