"""Text tables hold what the graph has, in cells that a terminal can show."""

from hypothesis import given
from hypothesis import strategies as st

from config.three_bit import LEARNED, taught, together
from memristor_sim.hardware import physical
from recipe.hardware.calibration import AdcRanges, ColumnAffine
from recipe.report.abridged import abridged, lettered, letters_of
from recipe.report.choice_letters import choice_letters, letter
from recipe.report.html import page
from recipe.report.numbers import MISSING
from recipe.report.plot_style import names_explained, short_names
from recipe.report.plot_wer import device_rows
from recipe.report.results import Results
from recipe.report.table_files import WRITERS
from recipe.report.tables import all_tables
from recipe.report.text_table import Table, to_json
from recipe.systems import Float, Memristor, Qat

LONG = "attention_operand_bits=8,noise=device"


def table2(*rows):
    return Table(caption="Table 2. x", header=["system", "bits", "dev", "paper dev"], rows=rows, notes=["of the table"])


def test_rows_of_the_paper_alone_are_left_out_and_counted():
    ours, lacking = ["QAT", "3", "9.3", "8.3"], ["QAT", "8", MISSING, "7.3"]
    [block] = abridged([table2(ours, lacking, lacking)], {})
    assert block.rows == [ours]
    assert block.notes[:1] == ["of the table"] and block.notes[1].startswith("Left out: 2 rows")
    [whole] = abridged([table2(ours)], {})
    assert whole.rows == [ours] and whole.notes == ["of the table"]


def test_lists_of_choices_get_the_same_letter_everywhere_and_a_line_that_says_what_it_means():
    first = table2(["QAT", f"3 {LONG}", "9.3", ""], ["QAT", "3 start=float", "9.3", ""])
    second = table2(["", f"3-bit QAT worse than with {LONG}", "", ""], ["", "3-bit with a=1,b=2 (physical)", "", ""])
    blocks = lettered([first, second], letters_of([[first], [second]]))
    assert [row[1] for block in blocks for row in block.rows] == [
        "3 (b)",
        "3 start=float",
        "3-bit QAT worse than with (b)",
        "3-bit with (a) (physical)",
    ]
    assert blocks[0].notes == first.notes
    assert blocks[1].notes == ["(a): a=1, b=2.", "(b): attention_operand_bits=8, noise=device.", "of the table"]


def test_a_table_of_a_report_has_the_letters_of_all_and_explains_its_own():
    one, other = table2(["QAT", f"3 {LONG}", "9.3", ""]), table2(["QAT", "3 a=1,b=2", "9.3", ""])
    [block] = lettered([one], letters_of([[one], [other]]))
    assert block.rows[0][1] == "3 (b)"
    assert block.notes == ["(b): attention_operand_bits=8, noise=device.", "of the table"]


def test_plots_take_the_letters_of_the_tables(scored):
    rows = [Qat(3), Qat(3, {"attention_operand_bits": 8}), taught(Qat(3)), taught(Qat(3, LEARNED)), together(3)]
    results = Results.load([scored(Float(), 9.0), *(scored(one, 9.0) for one in rows)])
    letters = letters_of(all_tables(results, "mini").values())
    assert letters == choice_letters(results.rows()) and len(letters) == 3
    names = short_names([one.row for one in rows], results.rows())
    for row in rows:
        choices = row.row.removeprefix("3").strip()
        assert names[row.row] == {0: "3", 1: "3 (d)"}.get(choices.count("="), f"3 {letters.get(choices)}")
    assert "(d): attention_operand_bits=8." in names_explained(names)


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_letters_differ(one, other):
    assert (letter(one) == letter(other)) == (one == other)
    assert letter(25) == "z" and letter(26) == "aa"


def test_terminal_and_papers_get_the_short_tables_and_the_page_the_letters_alone(tmp_path):
    blocks = [table2(["QAT", f"3 {LONG}", "9.3", ""], ["QAT", "8", MISSING, "7.3"])]
    for suffix in ("md", "tex"):
        text = WRITERS[suffix](blocks, letters_of([blocks]))
        assert "3 (a)" in text and "Left out: 1 row of" in text and MISSING not in text
    (tmp_path / "tables.json").write_text(to_json({"table2": blocks}))
    html = page(setup_name="x", tables_path=str(tmp_path / "tables.json"), plots={}, documents=[], jobs=[])
    assert "3 (a)" in html and "1 more row of the paper" in html and "Left out" not in html


def test_long_names_of_devices_take_several_lines_in_a_plot(scored):
    device = Memristor(3, 1, physical(), calibration=(AdcRanges(), ColumnAffine()))
    [row] = device_rows(Results.load([scored(device, 9.0)]), "dev")
    assert row.label == "memristor, physical + ADC\nranges 20 s + column affine\n20 s,\ntuned scales"
