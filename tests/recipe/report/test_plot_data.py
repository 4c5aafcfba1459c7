"""The figures behind a plot are those of the files and tables that it was drawn from."""

import csv
import io

import pytest
from sisyphus import tk

from recipe.report.plot_data import ClippingData, CrossbarsData, CurvesData, LossesData, StatesData, WerData
from recipe.report.results import Results
from recipe.report.tables import all_tables


def lines(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def given(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return tk.Path(str(path))


@pytest.fixture(scope="module")
def tables(whole_graph):
    costs = [{"bits": "3", "preset": "physical", "crossbars": 44, "weights": 1, "cells": 2, "utilisation": 0.5,
              "dac_conversions_per_s": 1, "adc_conversions_per_s": 2}]  # fmt: skip
    return all_tables(Results.load(whole_graph), "mini", costs=costs)


def test_word_error_rates_are_those_of_the_tables(tables):
    rows = lines(WerData("dev").csv(tables))
    expected = [r for name in ("table2", "table3") for t in tables[name] for r in t.records]
    expected = [r for r in expected if r.get("part") == "dev" or r["source"] == "paper"]
    assert [float(row["wer_percent"]) for row in rows] == [float(row["wer_percent"]) for row in expected]
    [baseline] = [row for row in rows if row["source"] == "ours" and row["system"] == "float"]
    assert f"float 32 bit {float(baseline['wer_percent']):.1f} %" in WerData("dev").words(tables)
    assert "memristor 3 bit, physical, fixed scales" in WerData("dev").words(tables)
    assert lines(WerData("nowhere").csv(tables))[0]["source"] == "paper"


def test_crossbars_stand_beside_the_rows_that_take_them(tables):
    rows = lines(CrossbarsData("dev").csv(tables))
    assert rows and {(row["bits"], row["preset"], row["crossbars"]) for row in rows} == {("3", "physical", "44")}


def test_losses_are_those_of_their_file_with_a_sentence(tmp_path):
    head = "part,bits,preset,scales,devices,wer_percent,digital_wer_percent,loss_percent,low95_percent,high95_percent\n"
    data = LossesData(given(tmp_path, "losses.csv", f"{head}dev,4,physical,fixed,3,5.8,5.2,0.62,-0.08,1.24\n"))
    [row] = lines(data.csv({}))
    assert (row["preset"], row["loss_percent"], row["high95_percent"]) == ("physical", "0.62", "1.24")
    assert data.words({}).endswith(": dev: physical 4 bit, fixed scales +0.6 [-0.1, +1.2].")


def test_clip_rates_are_means_over_devices_in_percent(tmp_path):
    head = "layer,dac_rate,adc_rate\n"
    runs = [
        ("3", "physical", n, given(tmp_path, f"{n}.csv", f"{head}a,0,{rate}\nb,0.5,0\n"))
        for n, rate in enumerate((0.1, 0.3))
    ]
    rows = lines(ClippingData("adc", runs).csv({}))
    found = [(row["layer"], row["devices"], float(row["clipped_percent"])) for row in rows]
    assert found == [("a", "2", 20.0), ("b", "2", 0.0)]


def test_curves_and_states_name_what_each_line_belongs_to(tmp_path):
    curve = given(tmp_path, "curve.csv", "epoch,learning_rate,train_loss,dev_loss\n1,0.1,2,3\n")
    assert lines(CurvesData({"float": curve}).csv({})) == [
        {"training": "float", "epoch": "1", "learning_rate": "0.1", "train_loss": "2", "dev_loss": "3"}
    ]
    states = given(tmp_path, "states.csv", "quantity,written,centre,count\npair_value,1,0.9,7\npair_value,1,1.1,0\n")
    [row] = lines(StatesData([("3", "physical", 1, states)]).csv({}))
    assert (row["preset"], row["centre"], row["count"]) == ("physical", "0.9", "7")
    assert CurvesData({}).csv({}) == ""
