"""labels.txt: the label inventory of a model, one label per line in index order, the blank last."""

from collections.abc import Iterable
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text, whole_lines


def write_labels(path: str | PathLike, labels: Iterable[str]) -> None:
    """One label per line."""
    with open_text(path, "wt") as file:
        file.writelines(f"{label}\n" for label in labels)


def read_labels(path: str | PathLike) -> list[str]:
    """Labels in index order, the blank last.

    :raises InputError: when a line is not one label, a label occurs twice, or there is none besides the blank
    """
    labels = [line.rstrip("\n") for line in whole_lines(path)]
    if len(labels) < 2 or len(set(labels)) != len(labels) or any(label.split() != [label] for label in labels):
        raise InputError(f"{path}: give each label once, one per line, blank last")
    return labels
