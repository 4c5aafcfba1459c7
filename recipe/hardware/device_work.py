"""work.json: what a device did while it heard a sample of speech. No torch here."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from os import PathLike

from memristor_sim.energy import Energy, EnergyModel, LayerWork
from recipe.errors import InputError
from recipe.files import open_text, read_json


@dataclass(frozen=True, kw_only=True)
class DeviceWork:
    """Counts of every mapped weight over some seconds of audio.

    :raises InputError: when there is no audio
    """

    audio_s: float
    utterances: int
    layers: Sequence[LayerWork]

    def __post_init__(self):
        if not self.audio_s > 0:
            raise InputError(f"DeviceWork.audio_s is {self.audio_s}: give more than 0 s")

    def energy_per_s(self, model: EnergyModel) -> Energy:
        """Joules per second of audio."""
        return model.energy_of(self.layers) * (1 / self.audio_s)

    @property
    def multiply_adds_per_s(self) -> float:
        """Of the same products computed digitally, per second of audio."""
        return sum(layer.multiply_adds for layer in self.layers) / self.audio_s


def write_work(path: str | PathLike, work: DeviceWork) -> None:
    """As JSON."""
    with open_text(path, "wt") as file:
        json.dump(asdict(work), file, indent=1)
        file.write("\n")


def read_work(path: str | PathLike) -> DeviceWork:
    """:raises InputError: when the file is broken, or holds something else"""
    found = read_json(path)
    names = {field.name for field in fields(LayerWork)}
    try:
        if any(set(layer) != names for layer in found["layers"]):
            raise KeyError("a layer with other fields")
        layers = [LayerWork(**layer) for layer in found["layers"]]
        return DeviceWork(audio_s=found["audio_s"], utterances=found["utterances"], layers=layers)
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{path} is not the work of a device ({error}); run the job that writes it again") from None
