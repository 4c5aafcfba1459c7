"""From scored systems to the files of the tables."""

from collections.abc import Mapping, Sequence

from recipe.files import open_text, read_json
from recipe.report import table
from recipe.report.config import ScoredSystem
from recipe.report.results import Results
from recipe.report.tables import all_tables

WRITERS = {"md": table.markdown, "csv": table.comma_separated, "tex": table.latex}


def write_tables(
    scored: Sequence[ScoredSystem],
    setup_name: str,
    seed: int,
    paths: Mapping[str, str],
    json_path: str,
    transfer_path: str | None = None,
    costs_path: str | None = None,
) -> None:
    """:param paths: where each of `table1.md`, `table1.csv`, ... goes"""
    transfer, costs = map(_loaded, (transfer_path, costs_path))
    tables = all_tables(Results.load(scored), setup_name, transfer, seed, costs)
    for name, path in paths.items():
        stem, suffix = name.split(".")
        with open_text(path, "wt") as file:
            file.write(WRITERS[suffix](tables[stem]))
    with open_text(json_path, "wt") as file:
        file.write(table.to_json(tables))


def _loaded(path: str | None) -> list[dict] | None:
    return None if path is None else read_json(path)
