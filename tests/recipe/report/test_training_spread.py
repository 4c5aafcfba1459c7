"""Several trainings in tables and claims, and the spread that rows of one training are widened by."""

import csv
from dataclasses import replace

import pytest

from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.report.claims import Claim, judge
from recipe.report.intervals import Intervals
from recipe.report.results import Results
from recipe.report.table_entries import row_cell
from recipe.report.tables import all_tables
from recipe.report.text_table import comma_separated
from recipe.report.training_spread import UNKNOWN, TrainingSpread, difference_name, row_name
from recipe.report.variance_table import varied
from recipe.systems import Float, Memristor, Ptq, Qat

SEEDS = (None, 1, 2)
LUCK = {None: 0.0, 1: 3.0, 2: -2.0}


@pytest.fixture
def trainings(scored):
    """Float, PTQ and QAT at 3 bit with three trainings, two devices on each training of the latter."""
    systems = []
    for seed, luck in LUCK.items():
        systems += [scored(Float(training_seed=seed), 9 + luck), scored(Ptq(3, training_seed=seed), 25 + luck)]
        for mode, worse in (("tuned", 0.0), ("fixed", 2.0)):
            systems.append(scored(Qat(3, training_seed=seed), 10 + luck + worse, scales=mode))
            for device in (1, 2):
                on_device = Memristor(3, device, physical(), training_seed=seed)
                systems.append(scored(on_device, 12 + luck + worse, scales=mode))
    return Results.load(systems)


@pytest.fixture
def one_training(scored):
    return Results.load([scored(Float(), 9.0), scored(Ptq(3), 17.0), scored(Qat(3), 11.0)])


def sides(results, *rows):
    return [results.trainings(kind, bits, "dev") for kind, bits in rows]


def test_trainings_of_a_row_are_one_row_of_table_2(trainings):
    table = all_tables(trainings, "mini")["table2"][0]
    (row,) = (row for row in table.rows if row[:2] == ["QAT", "3"])
    rates = [r.wer_percent for r in trainings.trainings("QAT", "3", "dev")]
    mean = sum(rates) / 3
    std = (sum((rate - mean) ** 2 for rate in rates) / 2) ** 0.5
    base = sum(r.wer_percent for r in trainings.trainings("float", "32", "dev")) / 3
    assert row[2].startswith(f"{mean:.1f} ± {std:.2f} [") and row[2].endswith(f"{100 * mean / base - 100:+.0f} %")
    records = list(csv.DictReader(comma_separated([table]).splitlines()))
    assert [r["training_seed"] for r in records if (r["system"], r["source"]) == ("QAT", "ours")] == ["", "1", "2"]
    assert any(note.startswith("Rows of several trainings are means") for note in table.notes)


def test_devices_of_all_trainings_are_one_row_of_table_3_beside_their_digital_model_at_the_same_scales(trainings):
    block = all_tables(trainings, "mini")["table3"][0]
    rows = {tuple(row[:2]): dict(zip(block.header, row, strict=True)) for row in block.rows}
    for mode in ("tuned", "fixed"):
        digital = trainings.trainings("QAT", "3", "dev", mode)
        mean = sum(r.wer_percent for r in digital) / 3
        assert rows["3", mode]["digital QAT"].startswith(f"{mean:.1f} ± ")
        devices = trainings.devices("3", "physical", "dev", mode)
        assert len(devices) == 6
        assert rows["3", mode]["physical preset"].startswith(f"{sum(r.wer_percent for r in devices) / 6:.1f} ±")


def test_claims_of_devices_take_the_digital_model_at_their_own_scales(trainings):
    records = {r["claim"]: r for r in all_tables(trainings, "mini")["claims"][0].records}
    for mode in ("tuned", "fixed"):
        devices = [r.wer_percent for r in trainings.devices("3", "physical", "dev", mode)]
        digital = [r.wer_percent for r in trainings.trainings("QAT", "3", "dev", mode)]
        record = records[f"3-bit memristor (physical, {mode} scales) worse than digital"]
        assert record["difference_percent"] == pytest.approx(sum(devices) / 6 - sum(digital) / 3)


def test_a_loss_shared_by_all_trainings_is_separated_where_two_rows_are_not(trainings):
    intervals = Intervals(trainings, 0)
    devices = trainings.devices("3", "physical", "dev", "tuned")
    digital, floats = sides(trainings, ("QAT", "3"), ("float", "32"))
    low, high = intervals.difference(devices, digital)[1]
    alone = intervals.of(digital)
    assert high - low < alone[1] - alone[0]
    assert judge(Claim("", lambda _: devices, lambda _: digital), "dev", intervals).text.count("training") == 0
    assert intervals.holds_trainings(devices, floats)


def test_without_a_known_spread_a_claim_is_one_of_this_training_and_says_so(one_training):
    tables = all_tables(one_training, "mini")
    verdicts = {row[0]: row[2] for row in tables["claims"][0].rows}
    assert verdicts["3-bit PTQ worse than 3-bit QAT"] == "separated, width unchecked, this training"
    for name in ("table2", "table3", "claims"):
        assert "One training per row: the spread over trainings is not in the intervals." in tables[name][-1].notes


@pytest.mark.parametrize(("spread", "verdict"), [(0.0, "separated, width unchecked"), (4.0, "not separated")])
def test_a_known_spread_widens_and_decides(one_training, spread, verdict):
    known = TrainingSpread.of_entries([("PTQ 3 - QAT 3", "PTQ - QAT", "dev", spread), ("QAT 3", "QAT", "dev", spread)])
    tables = all_tables(one_training, "mini", spread=known)
    verdicts = {row[0]: row[2] for row in tables["claims"][0].rows}
    assert verdicts["3-bit PTQ worse than 3-bit QAT"] == verdict
    assert any("widened by the spread" in note for note in tables["claims"][0].notes)
    ptq, qat = sides(one_training, ("PTQ", "3"), ("QAT", "3"))
    (low, high), (low_wide, high_wide) = (
        Intervals(one_training, 0, of).difference(ptq, qat)[1] for of in (UNKNOWN, known)
    )
    assert (high_wide - low_wide > high - low + 2 * spread) == bool(spread)
    (row,) = (row for row in tables["table2"][0].rows if row[:2] == ["QAT", "3"])
    low, high = Intervals(one_training, 0, known).of(qat)
    assert f"[{low:.1f}, {high:.1f}]" in row[2]
    (figures,) = (
        one
        for one in tables["table2"][0].records
        if (one["source"], one["system"], one["bits"], one["part"]) == ("ours", "QAT", "3", "dev")
    )
    assert (figures["low95_percent"], figures["high95_percent"]) == pytest.approx((low, high))


def test_a_row_that_misses_most_words_is_marked_with_a_known_spread_as_well(one_training):
    (result,) = one_training.trainings("QAT", "3", "dev")
    silent = replace(result, deletions=result.words)
    found = Results([silent if one is result else one for one in one_training.results])
    for spread in (UNKNOWN, TrainingSpread.of_entries([("QAT 3", "QAT", "dev", 1.0)])):
        assert row_cell([silent], found, Intervals(found, 0, spread)).endswith(" (deletions)")


def test_devices_of_hardware_that_was_not_measured_take_the_largest_spread_of_any(scored):
    rows = [("memristor 3 physical fixed", "memristor physical fixed", "dev", 2.0),
            ("memristor 3 paper fixed", "memristor paper fixed", "dev", 3.0),
            ("memristor 3 paper fixed - QAT 3 fixed", "memristor paper fixed - QAT fixed", "dev", 0.5)]  # fmt: skip
    spread = TrainingSpread.of_entries(rows)
    known, other = (Memristor(3, 1, physical(), name) for name in ("physical", "verified 0.1 of all"))
    systems = [scored(Qat(3), 9.0, scales="fixed")]
    systems += [scored(one, 9.0, scales=mode) for one in (known, other) for mode in ("fixed", "tuned")]
    of = {(r.preset, r.scale_mode): r for r in Results.load(systems).results if r.part == "dev"}
    assert spread.of(of["physical", "fixed"]) == 2.0
    assert spread.of(of["verified 0.1 of all", "fixed"]) == 3.0
    assert spread.of(of["verified 0.1 of all", "tuned"]) is None
    assert spread.of_difference(of["verified 0.1 of all", "fixed"], of["", "fixed"]) == 0.5


def test_the_larger_of_a_rows_own_spread_and_its_groups_counts(one_training):
    rows = [("QAT 3", "QAT", "dev", 3.0), ("QAT 4", "QAT", "dev", 4.0), ("PTQ 8", "PTQ", "dev", 1.0)]
    spread = TrainingSpread.of_entries(rows)
    ptq, qat = sides(one_training, ("PTQ", "3"), ("QAT", "3"))
    assert spread.of(qat[0]) == pytest.approx(12.5**0.5)  # root of the mean square of 3 and 4
    assert spread.of(ptq[0]) == 1.0
    assert TrainingSpread.of_entries([*rows, ("QAT 3", "QAT", "test", 9.0)]).of(qat[0]) == pytest.approx(12.5**0.5)
    assert TrainingSpread.of_entries([("QAT 3", "QAT", "dev", 5.0), rows[1]]).of(qat[0]) == 5.0
    # trainings of two rows that were not measured together: as if independent; float and its PTQ share theirs
    assert spread.of_difference(ptq[0], qat[0]) == pytest.approx((1.0 + 12.5) ** 0.5)
    floats = one_training.trainings("float", "32", "dev")
    assert (
        TrainingSpread.of_entries([*rows, ("float 32", "float", "dev", 1.0)]).of_difference(ptq[0], floats[0]) is None
    )


def test_the_variance_table_is_the_spread_of_a_graph_with_one_training(trainings, one_training, tmp_path):
    table = all_tables(trainings, "mini")["variance"][0]
    path = tmp_path / "variance.csv"
    path.write_text(comma_separated([table]))
    spread = TrainingSpread.read(str(path))
    listed = {record["row"]: record for record in table.records}
    ptq, qat = sides(one_training, ("PTQ", "3"), ("QAT", "3"))
    assert spread.of(qat[0]) == pytest.approx(listed["QAT 3"]["trainings_std_percent"])
    assert spread.of(qat[0]) == pytest.approx(2.5, abs=1.2)  # LUCK deviates by 2.5
    assert listed["memristor 3 physical tuned - QAT 3"]["devices"] == 6
    assert (
        listed["memristor 3 physical tuned - QAT 3"]["trainings_std_percent"] < listed["QAT 3"]["trainings_std_percent"]
    )
    assert {"memristor 3 physical fixed - QAT 3 fixed", "PTQ 3 - QAT 3", "float 32"} <= set(listed)
    assert spread.of_difference(ptq[0], qat[0]) is not None
    assert difference_name(ptq[0], qat[0]) == "PTQ 3 - QAT 3" and row_name(qat[0]) == "QAT 3"


def test_rows_of_one_training_have_no_variance_and_say_where_there_are_more(one_training):
    assert not list(varied(one_training))
    table = all_tables(one_training, "mini")["variance"][0]
    assert table.rows == [] and "config/training_seeds.py" in table.notes[0]


@pytest.mark.parametrize("text", ["", "row,group,part\n", "row,group,part,trainings_std_percent\nQAT 3,QAT,dev,-1\n"])
def test_a_file_of_spreads_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "spread.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="no table of training spreads"):
        TrainingSpread.read(str(path))
