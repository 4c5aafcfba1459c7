import json

import pytest

from recipe.errors import InputError
from recipe.report import paper
from recipe.report.config import checked_systems
from recipe.report.results import Results
from recipe.report.tables import all_tables, digital_table, memristor_tables, transfer_table
from recipe.systems import Float, Ptq, Qat


def cells(table):
    """{first cells of the row: {column: cell}}"""
    key = 2 if "system" in table.header else 1
    return {row[:key] and tuple(row[:key]): dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_table2_holds_every_row_of_the_paper_and_of_the_graph(scored):
    results = Results.load([scored(Float(), 5.0), scored(Qat(7), 6.0)])
    rows = cells(digital_table(results, "mini"))
    assert [bits for kind, bits in rows if kind == "QAT"] == ["8", "7", "6", "5", "4", "3", "2"]
    assert rows["QAT", "7"]["paper dev"] == "paper reports none"
    assert rows["QAT", "6"]["dev"] == "not in this graph"
    assert rows["QAT", "7"]["test"] == "not in this graph"
    assert rows["PTQ", "3"]["paper dev"] == "30.7 +326 %"
    one = results.digital("QAT", "7", "dev")
    ratio = one.wer_percent / results.baseline("dev").wer_percent
    low, high = one.interval95_percent
    assert rows["QAT", "7"]["dev"] == f"{one.wer_percent:.1f} [{low:.1f}, {high:.1f}] {100 * ratio - 100:+.0f} %"


def test_mixed_precision_makes_a_row_of_its_own(scored):
    mixed = Qat({".*ff.*": 4, ".*": 8})
    rows = cells(digital_table(Results.load([scored(Float(), 5.0), scored(mixed, 6.0)]), "mini"))
    assert list(rows)[-1] == ("QAT", "4+8")
    assert "[" in rows["QAT", "4+8"]["dev"]


def test_table3_spread_is_over_devices_with_the_population_deviation(whole_graph):
    results = Results.load(whole_graph)
    blocks = memristor_tables(results, "mini")
    assert [block.caption.split(".")[0] for block in blocks] == [
        "Table 3, dev, fixed search scales",
        "Table 3, dev, tuned search scales",
        "Table 3, test, fixed search scales",
        "Table 3, test, tuned search scales",
    ]
    rates = [result.wer_percent for result in results.devices("3", "paper", "dev", "fixed")]
    mean = sum(rates) / 4
    std = (sum((rate - mean) ** 2 for rate in rates) / 4) ** 0.5
    cell = cells(blocks[0])[("3",)]["memristor, paper preset"]
    assert cell.startswith(f"{mean:.1f} ± {std:.2f} ({min(rates):.1f}-{max(rates):.1f})")
    assert cells(blocks[0])[("8",)]["memristor, paper preset"] == "not in this graph"
    assert cells(blocks[0])[("4",)]["paper memristor"] == "8.9 ± 0.12 (8.7-9.2) +24 %"
    assert "paper memristor" not in blocks[1].header


def test_table3_without_memristors_still_shows_the_paper(scored):
    (block,) = memristor_tables(Results.load([scored(Float(), 5.0)]), "mini")
    assert [row[0] for row in block.rows] == list(paper.MEMRISTOR)


def test_table1_marks_what_one_side_lacks():
    ours = [{"operation": "0.5 x 1", "mean": 0.51, "std": 0.031, "min": 0.4, "max": 0.6}]
    rows = cells(transfer_table(ours))
    assert rows[("1.0 x 1",)]["mean"] == "not in this graph"
    assert rows[("0.5 x 1",)]["paper mean"] == "paper reports none"
    assert rows[("1.0 x 0",)]["paper min"] == "-0.2751"


def test_claims_follow_the_error_counts(whole_graph):
    rows = {row[0]: row[1:] for row in all_tables(Results.load(whole_graph), "mini", None, 0)["claims"][0].rows}
    assert rows["3-bit PTQ worse than 3-bit QAT"][1] == "separated"
    assert rows["2-bit PTQ worse than 2-bit QAT"][3] == "separated"
    assert rows["4-bit PTQ worse than 8-bit PTQ"][1] == "not separated"
    assert rows["3-bit memristor (physical, fixed scales) worse than digital"][1] == "separated"


def test_a_claim_without_its_systems_says_so(scored):
    results = Results.load([scored(Float(), 5.0), scored(Ptq(3), 9.0)])
    rows = {row[0]: row[1:] for row in all_tables(results, "mini", None, 0)["claims"][0].rows}
    assert rows["3-bit PTQ worse than 3-bit QAT"] == ["", "not in this graph", "", "not in this graph"]


def test_systems_scored_on_different_utterances_are_refused(scored):
    with pytest.raises(InputError, match="different dev utterances"):
        Results.load([scored(Float(), 5.0), scored(Qat(4), 5.0, utterances=299)])


def test_a_score_that_does_not_count_its_utterances_is_refused(scored):
    one = scored(Float(), 5.0)
    with open(one.score.get_path()) as file:
        score = json.load(file)
    with open(one.score.get_path(), "w") as file:
        json.dump(score | {"words": 1}, file)
    with pytest.raises(InputError, match="score again"):
        Results.load([one])


def test_one_name_twice_is_refused(scored):
    with pytest.raises(InputError, match="scored twice"):
        checked_systems([scored(Float(), 5.0), scored(Float(), 6.0)])
