"""What the graphs of this checkout were made from: work/made_from.json, written when a manager starts one.

Commands that are given no CONFIG or no corpus take what is kept there, and say so. What is given counts, and where it
differs that is told. `python -m recipe.graph.made_from CONFIG` prints the graph to take.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recipe.corpus.recognised import VARIABLES
from recipe.errors import InputError
from recipe.files import open_text

KEPT = Path("work", "made_from.json")
DEFAULT_CONFIG = "config/paper_tables.py"


def recalled(configs: Sequence[str]) -> list[str]:
    """The graphs to take: those given, else the last ones that a manager started here; empty if there are none.

    The environment becomes that of the graph's last start, unless it names any of VARIABLES itself, be it as empty. One
    line to stderr tells what was taken, and what is given otherwise.

    :param configs: as a person gave them; empty texts are none
    :raises InputError: when the file cannot be read
    """
    kept = _read()
    chosen = _chosen(configs, kept)
    known = [config for config in chosen if config in kept["graphs"]]
    if known:
        _recall_environment(known[0], kept["graphs"][known[0]])
    return chosen


def recalled_config(config: str) -> str:
    """The same for commands of one graph, which have a default."""
    return next(iter(recalled([config])), DEFAULT_CONFIG)


def chosen_config(config: str) -> str:
    """The graph alone: the environment is recalled by the command that gets it."""
    return next(iter(_chosen([config], _read())), DEFAULT_CONFIG)


def _chosen(configs: Sequence[str], kept: dict[str, Any]) -> list[str]:
    given = [os.path.normpath(config) for config in configs if config]
    chosen = given or list(kept["last"])
    if not given and chosen and chosen != [DEFAULT_CONFIG]:
        _say(f"no graph is given: {' '.join(chosen)}, the last one started here ({KEPT})")
    return chosen


def _recall_environment(config: str, kept: dict[str, str | None]) -> None:
    given = any(name in os.environ for name in VARIABLES)
    for name in VARIABLES:
        now, before = os.environ.get(name) or None, kept.get(name)
        if given and now != before:
            _say(f"{name} is {now or 'not set'}, as given; {config} was made here {_with(before)} ({KEPT})")
        elif not given and before:
            os.environ[name] = before
            _say(f"{name} is not given: {before}, with which {config} was made here ({KEPT})")


def _with(value: str | None) -> str:
    return f"with {value}" if value else "without it"


def keep(configs: Sequence[str]) -> None:
    """Note that a manager starts these graphs, with the present environment.

    :raises InputError: when the file cannot be read
    """
    kept = _read()
    names = [os.path.normpath(config) for config in configs if config]
    if not names:
        return
    environment = {name: os.environ.get(name) or None for name in VARIABLES}
    new = {"last": names, "graphs": kept["graphs"] | {name: environment for name in names}}
    if new != kept:
        with open_text(KEPT, "wt") as file:
            json.dump(new, file, indent=1, ensure_ascii=False)
            file.write("\n")


def _read() -> dict[str, Any]:
    try:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        names, graphs = kept["last"], kept["graphs"]
        texts = [*names, *graphs, *(text for values in graphs.values() for text in values.values() if text is not None)]
        if not isinstance(names, list) or not all(isinstance(text, str) for text in texts):
            raise TypeError("entries that are no texts")
    except (FileNotFoundError, NotADirectoryError):
        return {"last": [], "graphs": {}}
    except OSError as error:
        raise InputError(
            f"{KEPT} cannot be read ({error.strerror}); make {KEPT.parent} and the file readable"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{KEPT}, what the graphs here were made from, cannot be read ({type(error).__name__}: {error}); "
            f"remove it, then name the graph and the corpus ({', '.join(VARIABLES)}) of your last run again"
        ) from None
    return {"last": names, "graphs": graphs}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(chosen_config(*sys.argv[1:]))
    except InputError as problem:
        sys.exit(str(problem))
