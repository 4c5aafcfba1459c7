import csv
import io
import json

import pytest

from recipe.report.numbers import duration
from recipe.report.text_table import Table, comma_separated, from_values, latex, markdown, to_json

TABLE = Table(
    caption="Table 9. Shares in %",
    header=["a|b", "share"],
    rows=[["x_1", "5 ± 1 %"], ["long name", "7"]],
    records=[{"name": "x", "share": 0.05}, {"name": "y", "mean": 7}],
    notes=["n & m"],
)


def test_markdown_is_aligned_and_escapes_the_bar():
    lines = markdown([TABLE]).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len({len(row) for row in rows}) == 1
    assert rows[0].startswith(r"| a\|b ")
    assert lines[0] == "**Table 9.** Shares in %"


def test_csv_holds_the_union_of_the_records_fields():
    rows = list(csv.DictReader(io.StringIO(comma_separated([TABLE]))))
    assert rows == [{"name": "x", "share": "0.05", "mean": ""}, {"name": "y", "share": "", "mean": "7"}]


def test_latex_escapes_what_latex_would_read():
    text = latex([TABLE])
    assert r"x\_1 & 5 $\pm$ 1 \% \\" in text
    assert r"n \& m" in text
    assert text.count(r"\begin{") == text.count(r"\end{")


def test_json_gives_the_tables_back():
    assert to_json(from_values(json.loads(to_json({"t": [TABLE]})))) == to_json({"t": [TABLE]})


@pytest.mark.parametrize(
    "seconds, text",
    [(4.24, "4.2 s"), (59.9, "59.9 s"), (60, "1 min 00 s"), (200, "3 min 20 s"), (3599, "59 min 59 s")]
    + [(3600, "1 h 00 min"), (3659, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_are_written_in_two_units(seconds, text):
    assert duration(seconds / 3600) == text
