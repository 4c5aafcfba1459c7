"""Search errors of rows, and claims that must hold with the wider search too."""

import json

import pytest

from memristor_sim.hardware import physical
from recipe.formats.search_errors import SearchedTwice, SearchErrors
from recipe.report.claims import Claim, judge
from recipe.report.intervals import Intervals
from recipe.report.results import Results
from recipe.report.search_errors import row_errors
from recipe.report.tables import all_tables
from recipe.report.training_spread import TrainingSpread
from recipe.systems import Float, Memristor, Qat

NO_SPREAD = TrainingSpread.of_entries([("float 32", "float", "dev", 0.0), ("QAT 3", "QAT", "dev", 0.0)])


def sample(*changes, words=10, missed=0) -> SearchErrors:
    """Utterances in which the wider search makes so many errors more; the first `missed` score higher there."""
    twice = [
        SearchedTwice(
            name=str(n), words=words, errors=5, wide_errors=5 + change, score=-9.0, wide_score=-9.0 + (n < missed)
        )
        for n, change in enumerate(changes)
    ]
    return SearchErrors(search="1024/24/18", wide="4096/48/36", utterances=tuple(twice))


def test_the_samples_of_a_row_count_together():
    found = row_errors([sample(-1, 0, 0, 0, missed=1), sample(0, -2, 1, 0, missed=2)])
    assert (found.missed, found.utterances, found.words) == (3, 8, 80)
    assert found.change_percent == pytest.approx(-2 * 100 / 80)
    assert found.std_percent == pytest.approx(100 * 6**0.5 / 80)
    assert found.share_percent == 37.5 and found.short == "38 %"
    assert row_errors([sample(0, 0)]).std_percent == pytest.approx(100 / 20)  # one word at least
    assert row_errors([]) is None


@pytest.fixture
def rows(scored):
    """Float is 5 points better than 3-bit QAT."""
    return [scored(Float(), 8.0), scored(Qat(3), 13.0)]


def verdict(rows, of_float, of_qat, positive=True):
    results = Results.load(rows)
    samples = {one.name: errors for one, errors in zip(rows, (of_float, of_qat), strict=True) if errors}
    results = Results(results.results, samples)
    worse, better = results.trainings("QAT", "3", "dev"), results.trainings("float", "32", "dev")
    if not positive:
        worse, better = better, worse
    return judge(Claim("", lambda _: worse, lambda _: better), "dev", Intervals(results, 0, NO_SPREAD)).text


SURE = [0] * 200


@pytest.mark.parametrize("positive", [True, False])
def test_a_claim_is_separated_only_if_it_holds_at_both_widths(rows, positive):
    text = "separated" if positive else "the other way round"
    large = [-1] * 170 + [0] * 130  # 5.7 points fewer errors with the wider search
    assert verdict(rows, sample(*SURE), sample(*SURE), positive) == text
    assert verdict(rows, sample(*large), sample(*large), positive) == text
    assert verdict(rows, sample(*large), sample(*SURE), positive) == text  # the gap is larger at the wider width
    assert verdict(rows, sample(*SURE), sample(*large), positive) == f"{text} at this width alone"
    small = f"{text}, sample too small at the wider width"
    assert verdict(rows, sample(0, 0), sample(0, 0), positive) == small
    assert verdict(rows, None, sample(*SURE), positive) == f"{text}, width unchecked"


def test_rows_of_tables_show_the_search_errors_of_their_part_and_scales(scored):
    device = Memristor(3, 1, physical())
    scored_systems, samples = [], {}
    shares = iter(range(1, 20))
    for part in ("dev", "test"):
        for system in (Float(), Qat(3), device, Memristor(3, 2, physical())):
            for mode in ("tuned",) if system == Float() else ("tuned", "fixed"):
                scored_systems.append(scored(system, 9.0, part, mode))
                samples[scored_systems[-1].name] = sample(*[0] * 50, missed=next(shares))
    tables = all_tables(Results(Results.load(scored_systems).results, samples), "mini")
    cell = {tuple(row[:2]): row[-1] for row in tables["table2"][0].rows}
    share = {name: f"{2 * sum(u.missed for u in one.utterances)} %" for name, one in samples.items()}
    both = [share[f"qat-3 ({part}, tuned scales)"] for part in ("dev", "test")]
    assert cell["QAT", "3"] == " / ".join(both) and cell["QAT", "8"] == ""
    for block, part in zip(tables["table3"], ("dev", "test"), strict=True):
        for row in block.rows:
            if row[0] == "3" and row[1] in ("tuned", "fixed"):
                names = [f"memristor-3/physical/device-{seed} ({part}, {row[1]} scales)" for seed in (1, 2)]
                missed = sum(u.missed for name in names for u in samples[name].utterances)
                assert row[-1] == f"{share[f'qat-3 ({part}, {row[1]} scales)']} / {missed} % / -"
    table = tables["search"][0]
    listed = {(r["row"], r["part"]): (r["missed"], r["utterances"]) for r in table.records}
    assert listed["memristor 3 physical fixed", "test"][1] == 100
    assert len(table.rows) == 2 * (1 + 2 + 2)
    assert any("Search 1024/24/18" in note and "4096/48/36" in note for note in table.notes)


def test_tables_without_samples_have_no_such_column(rows):
    tables = all_tables(Results.load(rows), "mini")
    assert all("search errors" not in block.header for name in ("table2", "table3") for block in tables[name])
    assert tables["search"][0].rows == []


def test_records_are_plain_values(rows):
    results = Results(Results.load(rows).results, {rows[0].name: sample(0, -1, missed=1)})
    (record,) = all_tables(results, "mini")["search"][0].records
    assert json.loads(json.dumps(record)) == record and record["row"] == "float 32"
