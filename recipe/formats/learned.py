"""learned.json: whether a training learned anything, measured on a sample of dev with the last checkpoint."""

import json
from dataclasses import asdict, dataclass, fields
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text, read_json


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The verdict on a training, and what it was made from."""

    learned: bool
    """Whether the model does better than constant priors, and emits anything but blank."""
    loss: float
    """CTC loss per label of the trained model."""
    priors_loss: float
    """The same of a model that emits one fitted distribution over labels and blank in every frame."""
    blank_share: float
    """Blank frames among all frames of the greedy path."""
    deletion_share: float
    """Deletions among the label errors of greedy recognition; 0 without errors."""
    label_error_percent: float
    """Label errors of greedy recognition, in percent of the reference labels."""
    utterances: int
    """Size of the sample."""


def write_learned(path: str | PathLike, judged: Learned) -> None:
    """One key per line."""
    with open_text(path, "wt") as file:
        file.write(json.dumps(asdict(judged), indent=1) + "\n")


def read_learned(path: str | PathLike) -> Learned:
    """:raises InputError: when the file is broken, or a value is missing or of another type"""
    content = read_json(path)
    types = {field.name: field.type for field in fields(Learned)}
    if not isinstance(content, dict) or {name: type(value) for name, value in content.items()} != types:
        raise InputError(f"{path} is no verdict on a training; run the training's job again")
    return Learned(**content)
