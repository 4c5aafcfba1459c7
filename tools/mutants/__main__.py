"""Mistakes put into the code at random, and how many of them the tests notice.

    nice .venv/bin/python tools/mutants --count 100 --seed 1

The tree itself is never changed. Each mutant and its outcome is a row of the results file; a second call with the same
file goes on where the first one ended. A mutant that no test can tell from the original is judged by a person, who
writes `equivalent` into the column `judgement`; `--again` then tries the other survivors once more.
"""

import argparse
import csv
import difflib
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from operators import Mutant, differs, mutants_of
from trials import Trial, attempt, load_libraries

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("quantization", "decoding", "scoring", "lm", "features", "report", "graph")
PATHS = ("memristor_sim", *(f"recipe/{room}" for room in ROOMS), "recipe/systems.py")
COLUMNS = ("key", "outcome", "judgement", "killed_by", "seconds", "change")


def draw(tree: Path, paths: Iterable[str], count: int, seed: int) -> list[Mutant]:
    """Mutants of the paths at random: an operator, each as likely, then one of its mutants that was not drawn before.

    More of one seed begin with the fewer.
    """
    sources = {path: (tree / path).read_text("utf-8") for path in _files(tree, paths)}
    waiting: dict[str, list[Mutant]] = {}
    for path, source in sources.items():
        for mutant in mutants_of(path, source):
            waiting.setdefault(mutant.operator, []).append(mutant)
    chance, drawn = random.Random(seed), []
    for operator in sorted(waiting):
        chance.shuffle(waiting[operator])
    while waiting and len(drawn) < count:
        operator = chance.choice(sorted(waiting))
        mutant = waiting[operator].pop()
        if differs(mutant, sources[mutant.path]):
            drawn.append(mutant)
        if not waiting[operator]:
            del waiting[operator]
    return drawn


def _files(tree: Path, paths: Iterable[str]) -> list[str]:
    """All Python files of files and folders, below the root of the tree."""
    named = [tree / path for path in paths]
    found = {file for path in named for file in ([path] if path.is_file() else path.rglob("*.py"))}
    return sorted(file.relative_to(tree).as_posix() for file in found)


def change_of(mutant: Mutant, source: str) -> str:
    """The lines that differ."""
    before, after = source.splitlines(), mutant.applied(source).splitlines()
    lines = difflib.unified_diff(before, after, mutant.path, mutant.path, lineterm="", n=1)
    return "\n".join(lines)


class ResultsFile:
    """A row per mutant, by its key; written anew after every trial."""

    def __init__(self, path: Path):
        self.path = path
        self.rows: dict[str, dict[str, str]] = {}
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                self.rows = {row["key"]: row for row in csv.DictReader(file)}

    def add(self, mutant: Mutant, trial: Trial, change: str) -> None:
        """Keep what came of a mutant, and what was judged of it before."""
        values = (mutant.key, trial.outcome, "", trial.killed_by, f"{trial.seconds:.0f}", change)
        row = dict(zip(COLUMNS, values, strict=True))
        row["judgement"] = self.rows.get(mutant.key, {}).get("judgement", "")
        self.rows[mutant.key] = row
        aside = self.path.with_name(f"{self.path.name}.part")
        with aside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows.values())
        os.replace(aside, self.path)

    def open_questions(self, mutants: Iterable[Mutant], again: bool) -> list[Mutant]:
        """Those without a result; with `again` also survivors that are not judged equivalent."""
        return [mutant for mutant in mutants if self._is_open(self.rows.get(mutant.key), again)]

    @staticmethod
    def _is_open(row: dict[str, str] | None, again: bool) -> bool:
        return row is None or (again and row["outcome"] != "killed" and row["judgement"] != "equivalent")


def summary(rows: Sequence[dict[str, str]]) -> str:
    """The figures of a run in one line."""
    outcomes = Counter(row["outcome"] for row in rows)
    surviving = [row for row in rows if row["outcome"] == "survived"]
    equivalent = sum(row["judgement"] == "equivalent" for row in surviving)
    killed = outcomes["killed"] + outcomes["timeout"]
    others = "".join(f", {outcomes[name]} {name}" for name in sorted({*outcomes} - {"killed", "survived", "timeout"}))
    real = len(surviving) - equivalent
    share = f"{100 * real / (killed + real):.1f} %" if killed + real else "none"
    return (
        f"{len(rows)} mutants: {outcomes['killed']} killed, {outcomes['timeout']} timeout, {len(surviving)} survived, "
        f"of which {equivalent} judged equivalent{others}; {real} real survivors, {share} of the others"
    )


def run(mutants: Sequence[Mutant], results: ResultsFile, jobs: int, timeout_s: float) -> None:
    """Try each mutant, a line as each ends; the difference is shown of those that no test killed."""
    load_libraries()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trial_of = partial(attempt, tree=ROOT, folder=Path(folder), timeout_s=timeout_s)
        with get_context("fork").Pool(jobs) as pool:  # forked, so that the libraries are there
            for number, (mutant, trial) in enumerate(pool.imap_unordered(trial_of, mutants), 1):
                change = change_of(mutant, (ROOT / mutant.path).read_text("utf-8"))
                results.add(mutant, trial, change)
                print(f"{number}/{len(mutants)} {trial.outcome} {mutant.key} {trial.killed_by}", flush=True)
                if trial.outcome != "killed":
                    print(change, flush=True)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tools/mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="how many mutants to draw (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw; more of one seed begin with the fewer")
    parser.add_argument("--paths", nargs="+", default=PATHS, help="files and folders to draw from")
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time, each with a copy of the tree")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for the tests of one mutant")
    parser.add_argument("--results", type=Path, default=Path("output/mutants.csv"), help="results file")
    parser.add_argument("--again", action="store_true", help="try survivors once more that are not judged equivalent")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    """Draw, try what has no result yet, and print the figures of the whole draw."""
    asked = arguments(given)
    mutants = draw(ROOT, asked.paths, asked.count, asked.seed)
    results = ResultsFile(asked.results)
    run(results.open_questions(mutants, asked.again), results, asked.jobs, asked.timeout)
    print(summary([results.rows[mutant.key] for mutant in mutants]))


if __name__ == "__main__":
    sys.exit(main())
