"""Rows that nothing can be concluded from are marked, and no claim is judged about them."""

from dataclasses import replace

import pytest
from sisyphus import tk

from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.formats.learned import Learned, write_learned
from recipe.report.doubts import doubt
from recipe.report.intervals import Intervals
from recipe.report.memristor_table import memristor_tables
from recipe.report.results import Results
from recipe.report.tables import all_tables, digital_table
from recipe.systems import Float, Memristor, Ptq, Qat


@pytest.fixture
def verdict(tmp_path):
    """Factory of a path to a verdict."""

    def make(learned):
        path = tmp_path / f"{learned}.json"
        figures = {"loss": 3.7, "priors_loss": 3.8, "blank_share": 1.0, "deletion_share": 1.0}
        write_learned(path, Learned(learned=learned, label_error_percent=100.0, utterances=100, **figures))
        return tk.Path(str(path))

    return make


def result_of(scored):
    return Results.load([scored]).results[0]


@pytest.mark.parametrize("deleted, expected", [(0, ""), (2, ""), (3, "deletions"), (4, "deletions")])
def test_more_than_half_of_the_words_deleted_is_a_doubt(scored, deleted, expected):
    result = result_of(scored(Qat(3), 0.0, utterances=4, deleted=deleted))
    assert (result.deletions > 0).sum() == deleted
    result = replace(result, words=result.words * 0 + 10, deletions=(result.deletions > 0) * 10)
    assert doubt([result]) == expected


def test_substitutions_alone_are_none(scored):
    assert doubt([result_of(scored(Ptq(2), 97.0))]) == ""


def test_the_words_of_devices_are_counted_together(scored):
    lost, fine = (result_of(scored(Memristor(3, n, physical()), 5.0, deleted=d)) for n, d in ((1, 300), (2, 0)))
    slightly = result_of(scored(Memristor(3, 3, physical()), 5.0, deleted=10))
    assert [doubt([lost]), doubt([lost, fine]), doubt([lost, slightly])] == ["deletions", "", "deletions"]


def test_the_verdict_on_the_training_comes_first_and_an_older_training_has_none(scored, verdict, tmp_path):
    system = scored(Qat(2), 0.0, deleted=300)
    assert doubt([result_of(replace(system, learned=verdict(False)))]) == "did not learn"
    assert doubt([result_of(replace(system, learned=verdict(True)))]) == "deletions"
    assert doubt([result_of(replace(system, learned=tk.Path(str(tmp_path / "never.json"))))]) == "deletions"
    (tmp_path / "True.json").write_text("{")
    with pytest.raises(InputError, match="run the job that writes it again"):
        result_of(replace(system, learned=tk.Path(str(tmp_path / "True.json"))))


def test_one_unlearned_device_puts_its_row_in_doubt(scored, verdict):
    fine = result_of(replace(scored(Memristor(3, 1, physical()), 5.0), learned=verdict(True)))
    assert doubt([fine, replace(fine, learned=False)]) == "did not learn"


@pytest.fixture
def doubted(scored, verdict):
    """PTQ at 2 bits deletes, QAT at 2 bits and its devices did not learn, everything at 3 bits is well."""
    unlearned = [Qat(2), Memristor(2, 1, physical()), Memristor(2, 2, physical())]
    return Results.load(
        [
            scored(Float(), 5.0),
            scored(Ptq(2), 5.0, deleted=299),
            *(replace(scored(system, 80.0), learned=verdict(False)) for system in unlearned),
            *(scored(system, 30.0) for system in (Ptq(3), Memristor(3, 1, physical()))),
            scored(Qat(3), 10.0),
        ]
    )


def test_their_cells_and_records_say_so(doubted):
    table = digital_table(doubted, "mini", Intervals(doubted, 0))
    cells = {(row[0], row[1]): row[2] for row in table.rows}
    assert cells["PTQ", "2"].endswith(" % (deletions)") and cells["QAT", "2"].endswith(" % (did not learn)")
    assert not any("(" in cell for (_, bits), cell in cells.items() if bits != "2")
    doubts = {(r["system"], r["bits"]): r.get("doubt") for r in table.records if r["source"] == "ours"}
    assert doubts == {
        ("float", "32"): None,
        ("PTQ", "2"): "deletions",
        ("PTQ", "3"): None,
        ("QAT", "2"): "did not learn",
        ("QAT", "3"): None,
    }
    assert [note.partition(":")[0] for note in table.notes if note.startswith("(")] == [
        "(did not learn)",
        "(deletions)",
    ]


def test_rows_of_devices_say_so(doubted):
    (table,) = memristor_tables(doubted, "mini", Intervals(doubted, 0))
    cells = {row[0]: row for row in table.rows if row[1] == "tuned"}
    column = table.header.index("physical preset")
    assert cells["2"][column].endswith(" % (did not learn)") and cells["2"][2].endswith("(did not learn)")
    assert "(did" not in "".join(cells["3"])
    ours = [r for r in table.records if r["source"] == "ours" and r["bits"] == "2"]
    assert [r["doubt"] for r in ours] == ["did not learn"] * 3
    assert [note[:15] for note in table.notes if note.startswith("(")] == ["(did not learn)"]


def test_no_claim_is_judged_about_them(doubted):
    table = all_tables(doubted, "mini")["claims"][0]
    rows = {row[0]: row[1:3] for row in table.rows}
    assert rows["2-bit PTQ worse than 2-bit QAT"] == ["", "no claim: deletions"]
    assert rows["2-bit PTQ worse than 3-bit PTQ"] == ["", "no claim: deletions"]
    assert rows["2-bit QAT worse than 3-bit QAT"] == ["", "no claim: did not learn"]
    assert rows["2-bit memristor (physical, tuned scales) worse than digital"] == ["", "no claim: did not learn"]
    assert rows["3-bit PTQ worse than 3-bit QAT"][1].startswith("separated")
    assert rows["3-bit memristor (physical, tuned scales) worse than digital"][1].startswith("separated")
    figures = [record for record in table.records if record["verdict"].startswith("no claim")]
    assert figures and not any("difference_percent" in record for record in figures)


def test_tables_without_such_rows_say_nothing_of_them(scored):
    results = Results.load([scored(Float(), 5.0), scored(Qat(3), 10.0)])
    table = digital_table(results, "mini", Intervals(results, 0))
    assert not any(note.startswith("(") for note in table.notes)
    assert not any("doubt" in record for record in table.records)
