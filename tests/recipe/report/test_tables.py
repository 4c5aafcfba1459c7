import json

import pytest

from memristor_sim.hardware import paper as paper_hardware
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.report import paper
from recipe.report.claims import claims, judge
from recipe.report.inputs import checked_systems
from recipe.report.intervals import Intervals
from recipe.report.memristor_table import memristor_tables
from recipe.report.results import Results, bits_order
from recipe.report.tables import all_tables, cost_table, digital_table, transfer_table
from recipe.report.text_table import markdown
from recipe.report.training_spread import UNKNOWN
from recipe.systems import Float, Memristor, Ptq, Qat, bits_name, device_of


def cells(table):
    """{first cells of the row: {column: cell}}"""
    key = 2 if {"system", "search scales"} & set(table.header) else 1
    return {row[:key] and tuple(row[:key]): dict(zip(table.header, row, strict=True)) for row in table.rows}


def table2(results, spread=UNKNOWN):
    return digital_table(results, "mini", Intervals(results, 0, spread))


def test_table2_holds_every_row_of_the_paper_and_of_the_graph(scored):
    results = Results.load([scored(Float(), 5.0), scored(Qat(7), 6.0), scored(Float(), 5.0, "test")])
    rows = cells(table2(results))
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
    table = table2(Results.load([scored(Float(), 5.0), scored(mixed, 6.0)]))
    rows = cells(table)
    name = bits_name(mixed.weight_bits)
    assert list(rows)[-1] == ("QAT", name)
    assert "[" in rows["QAT", name]["dev"]
    assert f"{name}: 4 bit in .*ff.*, 8 bit in .*." in table.notes


def test_rows_go_from_wide_to_narrow_the_published_ones_first(scored):
    systems = [Qat(bits, choices) for bits in (2, 10, 4) for choices in ({}, {"activation_bits": 6})]
    found = sorted((one.row for one in [*systems, Qat({"a": 4, "*": 8})]), key=bits_order)
    mixture = Qat({"a": 4, "*": 8}).row
    assert found[:4] == ["10", "4", "2", "10 activation_bits=6"] and found[-1] == "2 activation_bits=6"
    assert sorted(found[4:6]) == sorted(["4 activation_bits=6", mixture])


def test_mixtures_of_equal_widths_are_rows_of_their_own(scored):
    mixtures = [Qat({"*.qkv": 8, "*": 4}), Qat({"*.out": 8, "*": 4})]
    rows = cells(table2(Results.load(checked_systems([scored(one, 6.0) for one in mixtures]))))
    assert {bits for kind, bits in rows if kind == "QAT"} > {bits_name(one.weight_bits) for one in mixtures}


def table3(results):
    return memristor_tables(results, "mini", Intervals(results, 0))


def test_table3_holds_spread_over_devices_and_interval_for_both_presets_and_ways_of_tuning(whole_graph):
    results = Results.load(whole_graph)
    dev, test = map(cells, table3(results))
    for block, part in ((dev, "dev"), (test, "test")):
        for preset in ("paper", "physical"):
            for scales in ("fixed", "tuned"):
                devices = results.devices("3", preset, part, scales)
                rates = [result.wer_percent for result in devices]
                mean = sum(rates) / 4
                std = (sum((rate - mean) ** 2 for rate in rates) / 4) ** 0.5
                change = 100 * mean / results.baseline(part).wer_percent - 100
                row = block["3", scales]
                spread = f"{mean:.1f} ± {std:.2f} ({min(rates):.1f}-{max(rates):.1f})"
                assert row[f"{preset} preset"] == f"{spread} {change:+.0f} %"
                low, high = map(float, row[f"{preset} 95 %"].strip("[]").split(", "))
                assert low < mean < high
    assert dev["8", "fixed"]["paper preset"] == "not in this graph"
    assert dev["4", "published"]["paper preset"] == "8.9 ± 0.12 (8.7-9.2) +24 %"
    assert dev["4", "published"]["digital QAT"] == "7.8 +8 %"
    assert dev["4", "published"]["physical preset"] == "paper reports none"
    assert not [row for row in test if row[1] == "published"]


def test_table3_says_what_made_it(whole_graph):
    dev, test = table3(Results.load(whole_graph))
    for block, part in ((dev, "dev"), (test, "test")):
        assert f"setup mini, {Results.load(whole_graph).size(part)}; 4 devices per row" in block.caption
    physical_note, paper_note = (note for note in test.notes if note.startswith("Preset "))
    assert "read noise of 1e+08 Hz and charge 1.602e-19 C" in physical_note
    assert "read noise of 1e-08 Hz and charge 2.718 C" in paper_note


def test_table3_records_rows_and_devices(whole_graph):
    results = Results.load(whole_graph)
    records = [
        r for r in table3(results)[1].records if (r["bits"], r["preset"], r["scales"]) == ("3", "paper", "fixed")
    ]
    row, *devices = records
    assert [device["device"] for device in devices] == [0, 1, 2, 3]
    assert row["devices"] == 4
    assert row["mean"] == pytest.approx(sum(device["wer_percent"] for device in devices) / 4)
    assert row["low95_percent"] < row["mean"] < row["high95_percent"]


def test_the_history_of_devices_that_differ_is_a_range(scored):
    runs = [scored(Memristor(4, run, paper_hardware(cycles=run), "paper"), 6.0) for run in (1, 2, 10)]
    (block,) = table3(Results.load([scored(Float(), 5.0), *runs]))
    (note,) = (note for note in block.notes if note.startswith("Preset "))
    assert note.endswith("50 to 500 random pulses before writing.")
    (one,) = table3(Results.load([scored(Float(), 5.0), runs[1]]))
    assert any(note.endswith(" 100 random pulses before writing.") for note in one.notes)


def test_many_presets_become_rows(scored):
    sweep = [Memristor(4, seed, physical(), f"ADC {n}") for n in (2, 3, 4, 6) for seed in (1, 2)]
    block, _ = table3(
        Results.load([scored(Float(), 5.0), *(scored(d, 6.0, part) for d in sweep for part in ("dev", "test"))])
    )
    assert "preset" in block.header
    assert {row[1] for row in block.rows if row[0] == "4"} == {"ADC 2", "ADC 3", "ADC 4", "ADC 6", "paper's own"}
    assert [row[4] for row in block.rows if row[0] == "8"] == ["not in this graph", "8.3 ± 0.13 (8.1-8.5) +15 %"]
    assert max(map(len, markdown([block]).splitlines())) <= 120


def test_table3_without_memristors_still_shows_the_paper(scored):
    (block,) = table3(Results.load([scored(Float(), 5.0)]))
    assert [row[0] for row in block.rows if row[1] == "published"] == list(paper.MEMRISTOR)


def test_table1_marks_what_one_side_lacks():
    ours = [{"operation": "0.5 x 1", "mean": 0.51, "std": 0.031, "min": 0.4, "max": 0.6}]
    rows = cells(transfer_table(ours))
    assert rows[("1.0 x 1",)]["mean"] == "not in this graph"
    assert rows[("0.5 x 1",)]["paper mean"] == "paper reports none"
    assert rows[("1.0 x 0",)]["paper min"] == "-0.2751"


@pytest.fixture(scope="module")
def claim_rows(whole_graph):
    table = all_tables(Results.load(whole_graph), "mini")["claims"][0]
    return {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_claims_follow_the_error_counts(claim_rows):
    assert claim_rows["3-bit PTQ worse than 3-bit QAT"]["dev verdict"] == "separated, width unchecked, this training"
    assert claim_rows["2-bit PTQ worse than 2-bit QAT"]["test verdict"] == "separated, width unchecked, this training"
    assert claim_rows["4-bit PTQ worse than 8-bit PTQ"]["dev verdict"] == "not separated"
    assert claim_rows["3-bit PTQ worse than 3-bit QAT"]["paper dev"] == "+22.4"
    assert claim_rows["2-bit PTQ worse than 2-bit QAT"]["paper dev"] == "paper reports none"


@pytest.mark.parametrize("preset", ["paper", "physical"])
@pytest.mark.parametrize("scales", ["tuned", "fixed"])
def test_memristors_are_held_against_their_digital_row_on_both_parts(claim_rows, preset, scales):
    row = claim_rows[f"3-bit memristor ({preset}, {scales} scales) worse than digital"]
    assert (row["dev verdict"], row["test verdict"]) == ("separated, width unchecked, this training",) * 2
    assert row["paper dev"] == "paper reports none"
    assert claim_rows[f"3-bit memristor ({preset}, fixed scales) worse than tuned digital"]["paper dev"] == "+0.9"


@pytest.mark.parametrize("preset", ["paper", "physical"])
def test_search_scales_that_do_not_fit_are_told_from_the_device(claim_rows, preset):
    device, both, mismatch = (
        float(claim_rows[f"3-bit memristor ({preset}{name}"]["dev"].split()[0])
        for name in (
            ", tuned scales) worse than digital",
            ", fixed scales) worse than tuned digital",
            "): fixed scales worse than tuned",
        )
    )
    assert device + mismatch == pytest.approx(both, abs=0.16)


def test_a_claim_without_its_systems_says_so(scored):
    results = Results.load([scored(Float(), 5.0), scored(Ptq(3), 9.0), scored(Float(), 5.0, "test")])
    rows = {row[0]: row[1:] for row in all_tables(results, "mini")["claims"][0].rows}
    assert rows["3-bit PTQ worse than 3-bit QAT"] == ["", "not in this graph", "", "not in this graph", "+22.4"]


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


def test_costs_are_written_with_units_or_the_reason_why_not():
    cost = {"bits": "4", "preset": "paper", "weights": 1000, "crossbars": 24, "cells": 393216, "utilisation": 0.5}
    cost |= {"dac_conversions_per_s": 12345.0, "adc_conversions_per_s": 1.0}
    table = cost_table([cost], "mini")
    assert table.rows == [["4", "paper", "1,000", "24", "393,216", "50 %", "1.23e+04", "1", ""]]
    assert cost_table([cost | {"output_factors": 1152}], "mini").rows[0][-1] == "1,152"
    assert "no memristor row" in cost_table([], "mini").notes[0]


def change_to_float(result, results):
    """From the float model of the same part, found without `Results.baseline`."""
    (baseline,) = (one for one in results.results if (one.kind, one.part) == ("float", result.part))
    return 100 * result.wer_percent / baseline.wer_percent - 100


@pytest.mark.parametrize("part", ["dev", "test"])
def test_every_change_is_against_float_on_the_same_part(whole_graph, part):
    results = Results.load(whole_graph)
    floats = [one.wer_percent for one in results.results if one.kind == "float"]
    assert abs(floats[1] / floats[0] - 1) > 0.05  # or one baseline would do for both parts
    table = table2(results)
    for (kind, bits), row in cells(table).items():
        result = results.digital(kind, bits, part)
        if result is not None and kind != "float":
            assert row[part].endswith(f" {change_to_float(result, results):+.0f} %")
    blocks = [table, *table3(results)]
    records = [record for block in blocks for record in block.records if record["source"] == "ours"]
    for record in (record for record in records if record["part"] == part):
        of_row = [
            one
            for one in results.results
            if (one.kind, one.bits, one.part) == (record["system"], record["bits"], part)
            and (one.preset, one.scale_mode) == (record["preset"], record["scales"])
            and record["device"] in ("", one.device_seed)
        ]
        expected = sum(change_to_float(one, results) for one in of_row) / len(of_row)
        assert record["change_to_float_percent"] == pytest.approx(expected)


@pytest.mark.parametrize("part", ["dev", "test"])
def test_every_claim_subtracts_the_system_named_last_from_the_one_named_first(whole_graph, part):
    results = Results.load(whole_graph)

    def mean(one):
        return sum(result.wer_percent for result in one(part)) / len(one(part))

    def named(text, scales):
        """The mean WER of `3-bit PTQ`, or of devices of a preset."""
        bits, kind, *preset = text.replace("-bit ", " ").replace("(", "").split()
        found = [
            result.wer_percent
            for result in results.results
            if (result.part, result.kind, result.bits, result.scale_mode) == (part, kind, bits, scales)
            and (not preset or result.preset == preset[0].rstrip(",)"))
        ]
        return sum(found) / len(found)

    judged = [claim for claim in claims(results) if claim.worse(part) and claim.better(part)]
    assert len(judged) > 15
    for claim in judged:
        first, last = claim.text.split(" worse than ")
        scales = other_scales = "fixed" if "fixed" in first else "tuned"
        if last in ("digital", "tuned digital"):
            other_scales = scales if last == "digital" else "tuned"
            last = f"{claim.text.split('-')[0]}-bit QAT"
        elif last == "tuned":
            first, last, other_scales = first.split(":")[0], first.split(":")[0], "tuned"
        if "memristor" in first:
            first = first.split(",")[0].split(")")[0]
            last = last.split(")")[0]
        wanted = named(first, scales) - named(last, other_scales)
        verdict = judge(claim, part, Intervals(results, 0))
        assert verdict.figures["difference_percent"] == pytest.approx(wanted), claim.text
        assert mean(claim.worse) - mean(claim.better) == pytest.approx(wanted)
        assert verdict.figures["low95_percent"] < wanted < verdict.figures["high95_percent"]


def test_claims_about_digital_rows_are_that_fewer_bits_and_ptq_are_worse(whole_graph):
    texts = [claim.text for claim in claims(Results.load(whole_graph)) if "memristor" not in claim.text]
    assert texts == [
        "3-bit PTQ worse than 3-bit QAT",
        "2-bit PTQ worse than 2-bit QAT",
        "4-bit PTQ worse than 8-bit PTQ",
        "3-bit PTQ worse than 4-bit PTQ",
        "2-bit PTQ worse than 3-bit PTQ",
        "2-bit QAT worse than 3-bit QAT",
    ]


def test_a_lever_is_held_against_the_published_row_of_its_bits_and_against_float(scored):
    lever = Qat(3, {"levels": 5}, start=Float())
    rates = {
        Float(): 7.0,
        Qat(3): 12.0,
        lever: 9.0,
        Memristor(3, 1, physical()): 15.0,
        device_of(lever, 1, physical()): 10.0,
    }
    results = Results.load(scored(system, wer, part) for system, wer in rates.items() for part in ("dev", "test"))
    rows = {claim.text: claim for claim in claims(results)}
    floats, plain, changed, device, changed_device = (
        next(one.wer_percent for one in results.results if one.system == system and one.part == "test")
        for system in rates
    )
    name = "with levels=5,start=float"
    wanted = {
        f"3-bit QAT worse than {name}": plain - changed,
        f"3-bit QAT {name} worse than float": changed - floats,
        f"3-bit memristor (physical, tuned scales) worse than {name}": device - changed_device,
        f"3-bit memristor {name} (physical, tuned scales) worse than float": changed_device - floats,
        f"3-bit memristor {name} (physical, tuned scales) worse than digital": changed_device - changed,
    }
    assert wanted.keys() <= rows.keys()
    for text, difference in wanted.items():
        figures = judge(rows[text], "test", Intervals(results, 0)).figures
        assert figures["difference_percent"] == pytest.approx(difference), text


@pytest.mark.parametrize(
    ("mode", "against"), [("tuned", ["digital"]), ("fixed", ["digital", "tuned digital"])], ids=["tuned", "fixed"]
)
def test_devices_have_claims_about_those_scales_alone_that_they_were_searched_with(whole_graph, mode, against):
    kept = [one for one in whole_graph if one.system.kind != "memristor" or one.scale_mode == mode]
    texts = [claim.text for claim in claims(Results.load(kept)) if "3-bit memristor (physical" in claim.text]
    assert texts == [f"3-bit memristor (physical, {mode} scales) worse than {other}" for other in against]
