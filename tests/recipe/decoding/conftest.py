"""A toy recogniser's files: labels, lexicon, language model, and log posteriors with a planted path."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sisyphus import tk

from recipe.decoding.config import SearchFiles
from recipe.decoding.recognise import SearchInputs
from recipe.formats.hdf import HdfWriter
from recipe.formats.segments import Segment, write_segments
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import build_binary, estimate

LABELS = ["K", "AE", "T", "D", "AO", "G", "T#", "G#", "D#", "AE#", "<blank>"]
BLANK = len(LABELS) - 1
PRONUNCIATIONS = {
    "cat": ["K AE T#"],
    "dog": ["D AO G#"],
    "tad": ["T AE D#"],
    "dad": ["D AE D#"],
    "a": ["AE#"],
    "[noise]": ["K K G#"],
}
TEXT = (
    "the\ncat dog\na cat\na dog\ncat a dog\ndog dad\na cat dog\ndog cat\na a dog\n"  # without "tad": unknown to the LM
)


@dataclass(frozen=True)
class ToyTask:
    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def write_lexicon(self, pronunciations: dict[str, list[str]]):
        lines = [f"{word} {spelling}\n" for word, spellings in pronunciations.items() for spelling in spellings]
        Path(self.path("lexicon.txt")).write_text("".join(lines))

    def write_lm(self, text: str):
        Path(self.path("text.txt")).write_text(text)
        config = NgramConfig(order=2, discount_fallback=True)
        estimate(self.path("text.txt"), self.path("lm.arpa.gz"), config, 0.05, str(self.folder))
        build_binary(self.path("lm.arpa.gz"), self.path("lm.bin"), str(self.folder))

    def write_segments(self, words: dict[str, str]):
        segments = [Segment(f"toy/t/{n}", "t.sph", 0.0, 9.0, "s", words[n]) for n in words]
        write_segments(self.path("segments.xml.gz"), segments, "toy")

    def write_emissions(self, log_posteriors: dict[str, np.ndarray], name: str = "emissions.hdf"):
        with HdfWriter(self.path(name), len(LABELS)) as file:
            for number, frames in log_posteriors.items():
                file.append(f"toy/t/{number}", frames)

    def load(self, *emissions: str) -> SearchInputs:
        files = SearchFiles(
            emissions=[tk.Path(self.path(name)) for name in emissions or ("emissions.hdf",)],
            prior=tk.Path(self.path("prior.txt")),
            lexicon=tk.Path(self.path("lexicon.txt")),
            labels=tk.Path(self.path("labels.txt")),
            lm=tk.Path(self.path("lm.bin")),
        )
        return SearchInputs.load(files, tk.Path(self.path("segments.xml.gz")))


def planted(path: str, strength: float = 12.0, seed: int = 0) -> np.ndarray:
    """Log posteriors [T, V] of a path of labels, one per frame, `.` for blank, over weak noise."""
    labels = [BLANK if label == "." else LABELS.index(label) for label in path.split()]
    logits = np.random.default_rng(seed).normal(size=(len(labels), len(LABELS)))
    logits[np.arange(len(labels)), labels] += strength
    return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)


@pytest.fixture(scope="session")
def toy_lm(tmp_path_factory):
    task = ToyTask(tmp_path_factory.mktemp("toy lm"))
    task.write_lm(TEXT)
    return Path(task.path("lm.bin")).read_bytes()


@pytest.fixture
def toy(tmp_path, toy_lm):
    """Files of a toy recogniser, without segments and emissions, in a folder with a space in its name."""
    task = ToyTask(tmp_path / "toy task")
    task.folder.mkdir()
    Path(task.path("labels.txt")).write_text("\n".join(LABELS) + "\n")
    Path(task.path("prior.txt")).write_text("\n".join(["-3.0"] * BLANK + ["-0.5"]) + "\n")
    Path(task.path("lm.bin")).write_bytes(toy_lm)
    task.write_lexicon(PRONUNCIATIONS)
    return task


@pytest.fixture
def plant():
    return planted
