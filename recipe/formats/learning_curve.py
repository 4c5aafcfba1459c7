"""Learning curves of a training: the file that RETURNN keeps, and learning_curve.csv, which the report reads."""

import ast
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from recipe.errors import InputError
from recipe.files import open_text

_COLUMNS = ["epoch", "learning_rate", "train_loss", "dev_loss"]


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One sub-epoch."""

    number: int
    """From 1."""
    learning_rate: float
    train_loss: float
    """CTC loss per label."""
    dev_loss: float
    """CTC loss per label."""


def read_learning_rates(path: str | PathLike) -> list[Epoch]:
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


def write_curve(path: str | PathLike, epochs: Sequence[Epoch]) -> None:
    """Columns epoch, learning_rate, train_loss, dev_loss; six significant digits."""
    with open_text(path, "wt") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for epoch in epochs:
            rate, train, dev = (f"{value:.6g}" for value in (epoch.learning_rate, epoch.train_loss, epoch.dev_loss))
            writer.writerow([epoch.number, rate, train, dev])


def read_curve(path: str | PathLike) -> list[Epoch]:
    """The sub-epochs in file order; an empty cell becomes nan.

    :raises InputError: when a column is missing, a cell is no number, or there is no sub-epoch
    """
    with open_text(path) as file:
        rows = list(csv.DictReader(file))
    try:
        epochs = [
            Epoch(
                number=int(row["epoch"]),
                **{name: float("nan" if row[name] == "" else row[name]) for name in _COLUMNS[1:]},
            )
            for row in rows
        ]
    except (KeyError, ValueError, TypeError):
        epochs = []
    if not epochs:
        raise InputError(f"{path} is no learning curve; it needs the columns {', '.join(_COLUMNS)} and one epoch")
    return epochs
