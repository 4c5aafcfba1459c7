"""Learning curves of a RETURNN training: read from its file, written and read as csv."""

import ast
import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipe.errors import InputError
from recipe.files import open_text

COLUMNS = ("epoch", "learning_rate", "train_loss", "dev_loss")


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One finished sub-epoch."""

    number: int
    """From 1."""
    learning_rate: float
    train_loss: float
    """CTC loss per label on the training data."""
    dev_loss: float
    """CTC loss per label on the data that training watches."""


def read_learning_rates(path: str | os.PathLike) -> list[Epoch]:
    """The finished sub-epochs in RETURNN's learning rate file: one dict of EpochData(learningRate=, error={}) calls."""
    table: Any = ast.parse(Path(path).read_text(encoding="utf-8"), mode="eval").body
    epochs = []
    for key, call in zip(table.keys, table.values, strict=True):
        fields = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        losses = fields["error"]
        if "dev_loss_ctc" in losses:
            epochs.append(
                Epoch(
                    number=ast.literal_eval(key),
                    learning_rate=fields["learningRate"],
                    train_loss=losses["train_loss_ctc"],
                    dev_loss=losses["dev_loss_ctc"],
                )
            )
    return sorted(epochs, key=lambda epoch: epoch.number)


def write_csv(epochs: Sequence[Epoch], path: str | os.PathLike) -> None:
    """Columns epoch, learning_rate, train_loss, dev_loss."""
    with open_text(path, "wt") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for epoch in epochs:
            rate, train, dev = (f"{value:.6g}" for value in (epoch.learning_rate, epoch.train_loss, epoch.dev_loss))
            writer.writerow([epoch.number, rate, train, dev])


def read_csv(path: str | os.PathLike) -> list[Epoch]:
    """The epochs of a file that `write_csv` wrote; an empty cell becomes nan.

    :raises InputError: when a column is missing, a cell is no number or there is no epoch
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        if rows:
            return [_epoch(row) for row in rows]
    except (KeyError, TypeError, ValueError):
        pass
    raise InputError(f"{path} is no learning curve; it needs the columns {', '.join(COLUMNS)} and one epoch")


def _epoch(row: dict[str, str]) -> Epoch:
    rate, train, dev = (float("nan" if row[name] == "" else row[name]) for name in COLUMNS[1:])
    return Epoch(number=int(row[COLUMNS[0]]), learning_rate=rate, train_loss=train, dev_loss=dev)
