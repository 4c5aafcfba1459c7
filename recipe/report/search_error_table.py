"""The table of what the search missed, row by row."""

from collections.abc import Iterator, Mapping, Sequence

from recipe.formats.search_errors import SearchErrors
from recipe.report.results import Result, Results, bits_order
from recipe.report.search_errors import RowErrors, row_errors
from recipe.report.table_entries import data
from recipe.report.text_table import Table
from recipe.report.training_spread import row_name
from recipe.systems import SCALE_MODES

NONE_NOTE = "No sample was searched a second time in this graph."


def search_error_table(results: Results, setup_name: str) -> Table:
    """Search errors of every row."""
    rows, records = [], []
    for row, found in _rows(results):
        cells = [row_name(row[0]), row[0].part, f"{found.utterances:,}", f"{found.missed} ({found.short})"]
        rows.append([*cells, f"{found.change_percent:+.2f} ± {found.std_percent:.2f}"])
        records.append({"row": row_name(row[0]), "part": row[0].part} | vars(found))
    return Table(
        caption=f"Search. What a wider search finds in a sample of utterances; {data(results, setup_name)}",
        header=["row", "part", "utterances", "search errors", "% points of WER"],
        rows=rows,
        records=records,
        notes=list(width_notes(results.search_errors)) if rows else [NONE_NOTE],
    )


def width_notes(search_errors: Mapping[str, SearchErrors]) -> Iterator[str]:
    """Both widths, and what is counted."""
    for search, wide in dict.fromkeys((one.search, one.wide) for one in search_errors.values()):
        yield (
            f"Search {search} (beam, labels per frame, threshold) against {wide} on evenly spaced utterances. Search "
            "errors: the wider hypothesis has the better score. Points: WER of the wider search minus that of the "
            "search, ± standard error."
        )


def _rows(results: Results) -> Iterator[tuple[Sequence[Result], RowErrors]]:
    for part in results.parts:
        for row in all_rows(results, part):
            found = row_errors(results.samples(row))
            if found is not None:
                yield row, found


def all_rows(results: Results, part: str) -> Iterator[list[Result]]:
    """The rows of Tables 2 and 3, digital ones at both pairs of scales; empty where the graph has no such row."""
    for kind in ("float", "PTQ", "QAT"):
        for bits in sorted(results.bits(kind), key=bits_order):
            yield from (results.trainings(kind, bits, part, scale_mode) for scale_mode in SCALE_MODES)
    for preset in results.presets():
        for bits in sorted(results.bits("memristor"), key=bits_order):
            yield from (results.devices(bits, preset, part, scale_mode) for scale_mode in SCALE_MODES)
