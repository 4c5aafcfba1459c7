"""Scored systems read from their files: error counts per utterance and word error rates."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sisyphus.tools import try_get

from recipe.errors import InputError
from recipe.formats.learned import read_learned
from recipe.formats.score import read_score
from recipe.formats.search_errors import SearchErrors, read_search_errors
from recipe.formats.utterances import read_utterances
from recipe.report import numbers
from recipe.report.inputs import ScoredSystem, scored_name
from recipe.systems import System


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """One scored system in numbers."""

    system: System
    part: str
    """Name of the part of the corpus."""
    scale_mode: str
    """`tuned` or `fixed`."""
    lm_scale: float
    prior_scale: float
    ids: tuple[str, ...]
    """Names of the utterances, sorted."""
    words: np.ndarray
    """Reference words per utterance, int [N]."""
    errors: np.ndarray
    """Word errors per utterance, int [N]."""
    deletions: np.ndarray
    """Deleted words among them, int [N]."""
    wer_percent: float
    interval95_percent: tuple[float, float]
    learned: bool = True
    """Whether the training behind it learned anything; True where no verdict is known."""

    @property
    def kind(self) -> str:
        """`float`, `PTQ`, `QAT` or `memristor`."""
        return self.system.kind

    @property
    def bits(self) -> str:
        """`4`, `32` for the float model; what distinguishes systems of one kind."""
        return self.system.row

    @property
    def preset(self) -> str:
        """Name of the hardware; empty for a digital system."""
        return getattr(self.system, "condition", "")

    @property
    def device_seed(self) -> int | str:
        """Which device; empty for a digital system."""
        return getattr(self.system, "device_seed", "")

    @property
    def training_seed(self) -> int:
        """Which training of its row; -1 is the one with the setup's seed."""
        seed = self.system.training_seed
        return -1 if seed is None else seed


def bits_order(bits: str) -> tuple:
    """Sort key: wide before narrow, rows with other choices and mixtures last."""
    width = re.match(r"\d+", bits)
    return (not bits.isdigit(), -int(width[0]) if width else 0, bits)


def load(scored: ScoredSystem) -> Result:
    """A scored system from its files.

    :raises InputError: when the two files of the scoring do not belong together
    """
    utterances = sorted(read_utterances(scored.utterances.get_path()), key=lambda utterance: utterance.name)
    words = np.array([u.words for u in utterances])
    errors = np.array([u.errors for u in utterances])
    score_path = scored.score.get_path()
    score = read_score(score_path)
    low, high = score["interval95_percent"]
    counted = score["insertions"] + score["deletions"] + score["substitutions"]
    if (score["words"], counted) != (words.sum(), errors.sum()):
        raise InputError(f"{score_path} does not count what {scored.utterances.get_path()} lists; score again")
    return Result(
        system=scored.system,
        part=scored.part,
        scale_mode=scored.scale_mode,
        lm_scale=float(try_get(scored.lm_scale)),
        prior_scale=float(try_get(scored.prior_scale)),
        ids=tuple(utterance.name for utterance in utterances),
        words=words,
        errors=errors,
        deletions=np.array([u.deletions for u in utterances]),
        wer_percent=score["wer_percent"],
        interval95_percent=(low, high),
        learned=_learned(scored),
    )


def _learned(scored: ScoredSystem) -> bool:
    """The verdict on its training; without one, as of a training that finished before there were any, True."""
    path = None if scored.learned is None else scored.learned.get_path()
    return path is None or not os.path.exists(path) or read_learned(path).learned


class Results:
    """All results of a graph, asked by what a table row is about."""

    def __init__(self, results: Iterable[Result], search_errors: Mapping[str, SearchErrors] | None = None):
        """
        :param search_errors: samples that were searched a second time, by the name of the scored system
        :raises InputError: when two systems of one part were scored on different utterances
        """
        self.search_errors = search_errors or {}
        self.results = list(results)
        self.parts = list(dict.fromkeys(result.part for result in self.results))
        """Parts of the corpus, in the order of the systems."""
        first_of: dict[str, Result] = {}
        for result in self.results:
            first = first_of.setdefault(result.part, result)
            if result.ids != first.ids or not np.array_equal(result.words, first.words):
                raise InputError(
                    f"{result.system.name} and {first.system.name} were scored on different {result.part} utterances; "
                    "score all systems against one reference"
                )

    @classmethod
    def load(cls, scored: Iterable[ScoredSystem], search_errors: Mapping[str, str] | None = None) -> "Results":
        """All systems from their files.

        :param search_errors: search_errors.json by the name of the scored system
        """
        return cls(map(load, scored), {name: read_search_errors(path) for name, path in (search_errors or {}).items()})

    def samples(self, row: Iterable[Result]) -> list[SearchErrors]:
        """What was searched a second time of these systems."""
        names = (scored_name(one.system, one.part, one.scale_mode) for one in row)
        return [self.search_errors[name] for name in names if name in self.search_errors]

    @property
    def tuned_on(self) -> str:
        """The first part: search scales were tuned on it, and the paper's figures, of its dev part, go with it."""
        return self.parts[0]

    def bits(self, *kinds: str) -> set[str]:
        """Bits of all systems of these kinds."""
        return {result.bits for result in self.results if result.kind in kinds}

    def rows(self) -> set[str]:
        """Bits of all systems."""
        return {result.bits for result in self.results}

    def digital(self, kind: str, bits: str, part: str) -> Result | None:
        """The result of the first training, with tuned scales, as the paper reports digital rows; with fixed ones where
        nothing else is."""
        return next((r for mode in ("tuned", "fixed") for r in self.trainings(kind, bits, part, mode)), None)

    def trainings(self, kind: str, bits: str, part: str, scale_mode: str = "tuned") -> list[Result]:
        """The results of a digital row, one per training."""
        wanted = (kind, bits, part, scale_mode)
        found = [
            result for result in self.results if (result.kind, result.bits, result.part, result.scale_mode) == wanted
        ]
        return sorted(found, key=lambda result: result.training_seed)

    def baseline(self, part: str) -> Result | None:
        """The float model."""
        return self.digital("float", "32", part)

    def devices(self, bits: str, preset: str, part: str, scale_mode: str) -> list[Result]:
        """The memristor results of one row, by training and device seed."""
        found = [
            result
            for result in self.results
            if (result.kind, result.bits, result.part, result.scale_mode) == ("memristor", bits, part, scale_mode)
            and result.preset == preset
        ]
        return sorted(found, key=lambda result: (result.training_seed, result.device_seed))

    def presets(self) -> list[str]:
        """In the order in which the graph names them."""
        return list(dict.fromkeys(result.preset for result in self.results if result.kind == "memristor"))

    def size(self, part: str) -> str:
        """`300 utterances, 2,105 words`."""
        one = next((result for result in self.results if result.part == part), None)
        if one is None:
            return "no utterances"
        return f"{numbers.counted(len(one.ids), 'utterance')}, {numbers.counted(int(one.words.sum()), 'word')}"


def by_training(row: Iterable[Result]) -> list[list[Result]]:
    """The results of one row, apart by training, in the order of the trainings' seeds."""
    found: dict[int, list[Result]] = {}
    for result in row:
        found.setdefault(result.training_seed, []).append(result)
    return [found[seed] for seed in sorted(found)]


def wers(results: Iterable[Result]) -> np.ndarray:
    """Word error rates in percent, [D]."""
    return np.array([result.wer_percent for result in results])
