"""Learning curves of a RETURNN training: read, write, draw."""

import ast
import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipe.errors import InputError
from recipe.files import open_text, written_aside


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One sub-epoch: number from 1, learning rate, CTC loss per label on train and dev."""

    number: int
    learning_rate: float
    train_loss: float
    dev_loss: float


def read_learning_rates(path: str | os.PathLike) -> list[Epoch]:
    """The finished sub-epochs in RETURNN's learning rate file: one dict of EpochData(learningRate=, error={}) calls.

    A sub-epoch is finished when its errors hold a dev loss, `dev_loss_<name of the loss>`.

    :raises InputError: when a sub-epoch has several losses
    """
    table: Any = ast.parse(Path(path).read_text(encoding="utf-8"), mode="eval").body
    epochs = []
    for key, call in zip(table.keys, table.values, strict=True):
        fields = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        number, errors = ast.literal_eval(key), fields["error"]
        name = _name_of_loss(errors, f"{path}: sub-epoch {number}")
        if name is not None:
            train, dev = (errors[f"{part}_loss_{name}"] for part in ("train", "dev"))
            epochs.append(Epoch(number=number, learning_rate=fields["learningRate"], train_loss=train, dev_loss=dev))
    return sorted(epochs, key=lambda epoch: epoch.number)


def _name_of_loss(errors: Mapping[str, object], place: str) -> str | None:
    """The name that the model gives its loss (`Loss.name`); None without a dev loss."""
    names = sorted(key.removeprefix("dev_loss_") for key in errors if key.startswith("dev_loss_"))
    if len(names) > 1:
        raise InputError(f"{place} has the dev losses {', '.join(names)}; train with one loss")
    return names[0] if names else None


def write_csv(epochs: Sequence[Epoch], path: str | os.PathLike) -> None:
    """Write csv with the columns epoch, learning_rate, train_loss, dev_loss; numbers with six significant digits."""
    with open_text(path, "wt") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", "learning_rate", "train_loss", "dev_loss"])
        for epoch in epochs:
            rate, train, dev = (f"{value:.6g}" for value in (epoch.learning_rate, epoch.train_loss, epoch.dev_loss))
            writer.writerow([epoch.number, rate, train, dev])


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
