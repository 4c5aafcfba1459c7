"""A page shows the rows that a graph has, with the paper's beside them, and folds those that it lacks."""

from recipe.report.folding import folded
from recipe.report.numbers import MISSING, UNPUBLISHED
from recipe.report.results import Results
from recipe.report.tables import all_tables
from recipe.report.text_table import Table


def table2(rows):
    return Table(caption="Table 2. x", header=["system", "bits", "dev", "paper dev", "test", "scales"], rows=rows)


def test_rows_that_the_graph_lacks_are_folded_and_keep_their_order():
    ours = ["QAT", "3", "9.3", "8.3", "15.5", "tuned 2/0.5"]
    half = ["QAT", "7", MISSING, UNPUBLISHED, "9.9", ""]
    lacking = [["QAT", bits, MISSING, "7.3", MISSING, ""] for bits in ("8", "6")]
    assert folded(table2([lacking[0], ours, half, lacking[1]])) == ([ours, half], lacking)


def test_a_table_without_any_figure_of_ours_shows_all_its_rows():
    rows = [["QAT", "8", MISSING, "7.3", MISSING, ""]]
    assert folded(table2(rows)) == (rows, [])


def test_published_rows_go_with_their_bit_width():
    header = ["bits", "search scales", "digital QAT", "paper preset", "paper 95 %"]
    rows = [
        ["8", "fixed", MISSING, MISSING, ""],
        ["8", "published", "7.3 +1 %", "8.3 ± 0.13", ""],
        ["3", "fixed", "9.3", "10.9 ± 0.45", "[9.1, 12.9]"],
        ["3", "published", "8.3", "9.2 ± 0.12", ""],
    ]
    assert folded(Table(caption="Table 3. x", header=header, rows=rows)) == (rows[2:], rows[:2])


def test_of_three_systems_three_rows_are_shown(whole_graph):
    kept = {("float", "32"), ("PTQ", "3"), ("QAT", "3")}
    scored = [one for one in whole_graph if (one.system.kind, one.system.row) in kept]
    [table] = all_tables(Results.load(scored), "mini")["table2"]
    shown, hidden = folded(table)
    assert {(row[0], row[1]) for row in shown} == kept and len(shown) == 3
    assert len(shown) + len(hidden) == len(table.rows) and all(MISSING in row for row in hidden)
