"""Text tables hold what the graph has, in cells that a terminal can show."""

from hypothesis import given
from hypothesis import strategies as st

from recipe.report.abridged import abridged, letter, lettered
from recipe.report.numbers import MISSING
from recipe.report.text_table import Table

LONG = "attention_operand_bits=8,noise=device"


def table2(*rows):
    return Table(caption="Table 2. x", header=["system", "bits", "dev", "paper dev"], rows=rows, notes=["of the table"])


def test_rows_of_the_paper_alone_are_left_out_and_counted():
    ours, lacking = ["QAT", "3", "9.3", "8.3"], ["QAT", "8", MISSING, "7.3"]
    [block] = abridged([table2(ours, lacking, lacking)])
    assert block.rows == [ours]
    assert block.notes[:1] == ["of the table"] and block.notes[1].startswith("Left out: 2 rows")
    [whole] = abridged([table2(ours)])
    assert whole.rows == [ours] and whole.notes == ["of the table"]


def test_lists_of_choices_get_the_same_letter_everywhere_and_a_line_that_says_what_it_means():
    first = table2(["QAT", f"3 {LONG}", "9.3", ""], ["QAT", "3 start=float", "9.3", ""])
    second = table2(["", f"3-bit QAT worse than with {LONG}", "", ""], ["", "3-bit with a=1,b=2 (physical)", "", ""])
    blocks = lettered([first, second])
    assert [row[1] for block in blocks for row in block.rows] == [
        "3 (b)",
        "3 start=float",
        "3-bit QAT worse than with (b)",
        "3-bit with (a) (physical)",
    ]
    assert blocks[0].notes == first.notes
    assert blocks[1].notes == ["(a): a=1, b=2.", "(b): attention_operand_bits=8, noise=device.", "of the table"]


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_letters_differ(one, other):
    assert (letter(one) == letter(other)) == (one == other)
    assert letter(25) == "z" and letter(26) == "aa"
