"""How wide must the search be? Word error rate, search errors and CPU seconds at several widths, from stored emissions.

    python benchmarks/search_width.py --config config/mini.py [--work work] [--systems float qat-3] [--part dev]
        [--widths 256/12/14 1024/12/14] [--scales 2.0/0.5] [--segments 80] [--json FILE]

A width is beam / labels per frame / threshold, as the fields of SearchConfig. The graph must be finished; nothing is
written to its work directory. A search error is an utterance for which another width of the same run found a hypothesis
with a better score of the models. `--files FOLDER` takes the files of one recogniser instead of a graph.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:
    sys.path.insert(0, str(ROOT / "tools" / "local_sisyphus"))

from sisyphus import gs, tk  # noqa: E402

from recipe.decoding.config import SearchConfig, SearchFiles  # noqa: E402
from recipe.decoding.recognise import SearchInputs, recognise  # noqa: E402
from recipe.errors import InputError  # noqa: E402
from recipe.graph.entry_point import experiment_of  # noqa: E402
from recipe.scoring.alignment import count_errors  # noqa: E402
from recipe.training.checkpoints import LAST_CHECKPOINT  # noqa: E402

WIDTHS = ("256/12/14", "512/12/14", "1024/12/14", "1024/24/25", "2048/12/14")
TOLERANCE = 1e-4
"""Scores closer than this are the same: sums of float32 in another order."""


def main() -> None:
    """Search with every system at every width, print a line for each, then all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="config/mini.py", help="the graph, relative to the repository")
    parser.add_argument("--work", default=gs.WORK_DIR, help="its work directory")
    parser.add_argument("--systems", nargs="+", default=["float", "qat-3"], help="names as in output/<setup>/scores")
    parser.add_argument("--part", default="dev")
    parser.add_argument("--files", type=Path, help="folder with emissions.hdf, prior.txt, lexicon.txt, labels.txt, ...")
    parser.add_argument("--widths", nargs="+", default=WIDTHS, help="beam/labels per frame/threshold")
    parser.add_argument("--scales", default="2.0/0.5", help="LM and prior scale")
    parser.add_argument("--segments", type=int, help="only as many, evenly spaced")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    figures = [row for name, inputs in recognisers(arguments) for row in measured(name, inputs, arguments)]
    text = json.dumps({"part": arguments.part, "scales": arguments.scales, "rows": figures})
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


def recognisers(arguments: argparse.Namespace) -> Iterator[tuple[str, SearchInputs]]:
    """Name and loaded files of each system."""
    if arguments.files is not None:
        yield "files", SearchInputs.load(*files_of(arguments.files))
        return
    gs.WORK_DIR = str(Path(arguments.work).resolve())
    experiment = experiment_of(arguments.config)
    named = {system.name: system for system in experiment.systems}
    for name in arguments.systems:
        if name not in named:
            raise InputError(f"{arguments.config} has no system {name}; give one of {', '.join(named)}")
        files = experiment.search_files(named[name], LAST_CHECKPOINT)
        yield name, SearchInputs.load(files, experiment.data.segments[arguments.part])


def files_of(folder: Path) -> tuple[SearchFiles, tk.Path]:
    """The files of one recogniser under fixed names, and the segments."""
    one = {name: tk.Path(str(folder / f"{name}.txt")) for name in ("prior", "lexicon", "labels")}
    files = SearchFiles(emissions=[tk.Path(str(folder / "emissions.hdf"))], lm=tk.Path(str(folder / "lm.bin")), **one)
    return files, tk.Path(str(folder / "segments.xml.gz"))


def measured(name: str, inputs: SearchInputs, arguments: argparse.Namespace) -> list[dict]:
    """A row per width, with the search errors against the best score that any of the widths found."""
    number = len(inputs.segments)
    wanted = min(arguments.segments or number, number)
    inputs = replace(inputs, segments=[inputs.segments[i * number // wanted] for i in range(wanted)])
    words = sum(len(segment.words.split()) for segment in inputs.segments)
    rows, scores = [], []
    for width in arguments.widths:
        start = time.process_time()
        found = recognise(inputs, config_of(width), *map(float, arguments.scales.split("/")))
        cpu_s = time.process_time() - start
        errors = sum(count_errors(segment.words, found[segment.name].words) for segment in inputs.segments)
        scores.append([found[segment.name].score for segment in inputs.segments])
        rows.append({"system": name, "width": width, "wer_percent": 100 * errors / words, "cpu_s": cpu_s})
        print(f"{name} {width}: {100 * errors / words:.2f} % WER, {cpu_s:.1f} CPU seconds", flush=True)
    best = [max(of_segment) for of_segment in zip(*scores, strict=True)]
    for row, of_width in zip(rows, scores, strict=True):
        missed = sum(score < top - TOLERANCE for score, top in zip(of_width, best, strict=True))
        row["search_errors_percent"] = 100 * missed / len(best)
        print(f"{name} {row['width']}: {row['search_errors_percent']:.1f} % search errors", flush=True)
    return rows


def config_of(width: str) -> SearchConfig:
    """`1024/12/14` as a search. :raises InputError: when it has another form"""
    try:
        beam, labels, threshold = width.split("/")
        return SearchConfig(beam=int(beam), beam_labels=int(labels), beam_threshold=float(threshold))
    except ValueError:
        raise InputError(f"width {width!r} is not beam/labels/threshold; give one such as 1024/12/14") from None


if __name__ == "__main__":
    main()
