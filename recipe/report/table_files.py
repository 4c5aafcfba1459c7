"""The files of the tables, written from scored systems."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from recipe.files import open_text, read_json
from recipe.report import text_table
from recipe.report.abridged import abridged, letters_of
from recipe.report.energy import energy_rows
from recipe.report.inputs import ScoredSystem
from recipe.report.results import Results
from recipe.report.tables import all_tables
from recipe.report.text_table import Table
from recipe.report.training_spread import UNKNOWN, TrainingSpread

WRITERS: dict[str, Callable[[Sequence[Table], Mapping[str, str]], str]] = {
    "md": lambda blocks, letters: text_table.markdown(abridged(blocks, letters)),
    "csv": lambda blocks, letters: text_table.comma_separated(blocks),
    "tex": lambda blocks, letters: text_table.latex(abridged(blocks, letters)),
}
"""The text of a table by the ending of its file; with the letters of all tables."""


def write_tables(
    scored: Sequence[ScoredSystem],
    setup_name: str,
    seed: int,
    paths: Mapping[str, str],
    json_path: str,
    transfer_path: str | None = None,
    costs_path: str | None = None,
    spread_path: str | None = None,
    search_errors: Mapping[str, str] | None = None,
    works: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Write every table in every format, and all of them as json.

    :param seed: of the bootstrap
    :param paths: where each of `table1.md`, `table1.csv`, ... goes
    :param transfer_path: json rows of Table 1, as `all_tables` takes them
    :param costs_path: json rows of the crossbar table, likewise
    :param spread_path: variance.csv of a graph with several trainings of each row
    :param search_errors: search_errors.json by the name of the scored system
    :param works: bits, preset, and path of EnergyJob's work.json
    """
    transfer, costs = map(_loaded, (transfer_path, costs_path))
    spread = UNKNOWN if spread_path is None else TrainingSpread.read(spread_path)
    energies = energy_rows(works, costs or ())
    tables = all_tables(Results.load(scored, search_errors), setup_name, transfer, seed, costs, spread, energies)
    letters = letters_of(tables.values())
    for name, path in paths.items():
        stem, suffix = name.split(".")
        with open_text(path, "wt") as file:
            file.write(WRITERS[suffix](tables[stem], letters))
    with open_text(json_path, "wt") as file:
        file.write(text_table.to_json(tables))


def _loaded(path: str | None) -> list[dict] | None:
    return None if path is None else read_json(path)
