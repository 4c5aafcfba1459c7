"""Drawing the learning curve of one training."""

import os
from collections.abc import Sequence

from recipe.files import written_aside
from recipe.formats.learning_curve import Epoch


def plot(epochs: Sequence[Epoch], path: str | os.PathLike) -> None:
    """Losses and learning rate against sub-epochs, as png."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    numbers = [epoch.number for epoch in epochs]
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(numbers, [epoch.train_loss for epoch in epochs], label="train")
    axes.plot(numbers, [epoch.dev_loss for epoch in epochs], label="dev")
    axes.set(xlabel="sub-epoch", ylabel="CTC loss per label", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    rates = axes.twinx()
    rates.plot(numbers, [epoch.learning_rate for epoch in epochs], color="0.6", linestyle=":", label="learning rate")
    rates.set(ylabel="learning rate", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    with written_aside(path) as scratch:
        figure.savefig(scratch, dpi=150, metadata={"Software": None})
