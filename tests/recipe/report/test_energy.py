"""Energy in table, plot and data: figures of work.json times the constants, beside the rows that they belong to."""

import csv
import io
import json
from dataclasses import replace

import pytest

from memristor_sim.energy import LayerWork
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.hardware.device_work import DeviceWork, read_work, write_work
from recipe.report import numbers
from recipe.report.energy import energy_rows
from recipe.report.energy_table import energy_table
from recipe.report.plot_data import EnergyData
from recipe.report.plot_energy import DIGITAL, energy_figure
from recipe.report.results import Results
from recipe.report.tables import all_tables
from recipe.systems import Float, Memristor, Qat
from tests.recipe.report.artists import caption_of, texts

PRESETS = ("physical", "paper")
COSTS = [
    {"bits": bits, "preset": preset, "crossbars": 50 * int(bits), "weights": 1, "cells": 2, "utilisation": 0.5,
     "dac_conversions_per_s": 1, "adc_conversions_per_s": 2, "digital_weight_bytes_per_s": 1e6 * int(bits)}
    for preset in PRESETS for bits in ("4", "3")
]  # fmt: skip


def work(bits: int) -> DeviceWork:
    """Of two seconds."""
    layer = LayerWork(
        name="blocks.0.a", vectors=50, summed_power_w=4e2, dac_conversions=10**6, adc_conversions=bits * 10**6,
        adc_bits=8, buffer_bytes=1e5, multiply_adds=10**7, pairs=25 * bits, cells=50 * bits * 128 * 128,
    )  # fmt: skip
    return DeviceWork(audio_s=2.0, utterances=10, layers=[layer, layer])


@pytest.fixture
def rows(tmp_path):
    works = []
    for preset in PRESETS:
        for bits in (4, 3):
            write_work(tmp_path / f"{preset}-{bits}.json", work(bits))
            works.append((str(bits), preset, str(tmp_path / f"{preset}-{bits}.json")))
    return energy_rows(works, COSTS)


def test_a_row_is_the_work_of_a_second_times_the_constants(rows):
    row = rows[1]
    found = row.microjoules()
    assert (row.bits, row.preset, row.crossbars) == ("3", "physical", 150)
    assert found["array"].typical == pytest.approx(1e6 * 2 * 4e2 * 10e-9 / 2)
    assert found["dac"].typical == pytest.approx(1e6 * 2 * 1e6 * 0.8e-12 / 2)
    assert found["adc"].typical == pytest.approx(1e6 * 2 * 3e6 * 1.71371e-12 / 2, rel=1e-4)
    assert found["digital"].typical == pytest.approx(1e6 * (2 * 3e6 * 0.05e-12 + 2 * 1e5 * 2.5e-12) / 2)
    parts = [part for name, part in found.items() if name != "total"]
    for end in ("low", "typical", "high"):
        assert getattr(found["total"], end) == pytest.approx(sum(getattr(part, end) for part in parts))
    assert row.weight_reads_uj(1).typical == pytest.approx(3e6 * 162.5e-12 * 1e6)
    assert row.weight_reads_uj(16).high == pytest.approx(row.weight_reads_uj(1).high / 16)
    assert row.multiply_adds_uj().typical == pytest.approx(1e6 * 1e7 * 0.3e-12)
    assert row.latency_ms().typical == pytest.approx(1e3 * 2 * (50 * 10e-9 + 3e6 / 75 / 1e7) / 2)


def test_the_table_shows_shares_ranges_sources_and_the_digital_model(rows):
    table = energy_table(rows, "mini")
    cells = dict(zip(table.header, table.rows[1], strict=True))
    shares = [int(cells[name].split("(")[1].split(" ")[0]) for name in ("array", "ADC", "DAC", "digital")]
    assert abs(sum(shares) - 100) <= 2 and "10 utterances, 2 s" in table.caption
    assert cells["digital: reads per 1 uJ/s"].startswith("488 [") and cells["total uJ/s"].count(",") == 1
    assert any(note.startswith("read time s: 1e-08 [5e-09, 1e-07]; assumption") for note in table.notes)
    assert any("Horowitz" in note and note.startswith("dram j per byte") for note in table.notes)
    record = table.records[1]
    assert record["total_uj_per_s_low"] < record["total_uj_per_s"] < record["total_uj_per_s_high"]
    assert energy_table([], "mini").notes == ["There is no memristor row in this graph."]


def test_the_plot_sets_error_rates_against_energy_crossbars_and_area(rows, whole_graph):
    results = Results.load(whole_graph)
    figure = energy_figure(results, "mini", "dev", rows)
    energy, crossbars, area = figure.axes
    for axes, quantity in (
        (energy, lambda row: row.microjoules()["total"].typical),
        (crossbars, lambda row: row.crossbars),
        (area, lambda row: row.area_mm2().typical),
    ):
        lines = {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}
        for preset in PRESETS:
            expected = [
                [quantity(row), results_mean(results, row)]
                for row in rows
                if row.preset == preset
            ]  # fmt: skip
            assert lines[f"memristor, {preset}"] == [pytest.approx(point) for point in expected]
    [digital] = [line for line in energy.get_lines() if line.get_label() == DIGITAL]
    assert digital.get_xdata().tolist() == pytest.approx([row.weight_reads_uj(16).typical for row in rows[:2]])
    text = caption_of(figure)
    assert "setup mini" in text.lower() and "dev, 300 utterances" in text and "4 devices" in text and "tuned" in text


def figure_of_presets(name, count, rows, scored):
    """Three bits on devices of several presets at tuned scales."""
    systems = [scored(Float(), 9.0), scored(Qat(3), 10.0)]
    for number in range(count):
        systems.append(scored(Memristor(3, 1, physical(), f"{name} {number}"), 12.0))
    known = [replace(row, preset=f"{name} {number}") for row in rows if row.bits == "3" for number in range(count)]
    return energy_figure(Results.load(systems), "mini", "dev", known)


def test_what_all_points_share_is_said_once(rows, scored, whole_graph):
    figure = figure_of_presets("tiles", 3, rows, scored)
    assert "words; tuned scales. Diamonds: mean error rate of 1 device, 3 bit; energy" in caption_of(figure)
    assert not any(text for axes in figure.axes for text in texts(axes))
    several = energy_figure(Results.load(whole_graph), "mini", "dev", rows)
    assert "with the weight bits" in caption_of(several)
    assert {"4", "3"} <= set(texts(several.axes[0]))


def test_a_long_legend_does_not_press_the_panels_together(rows, scored):
    heights = []
    for count in (3, 12):
        figure = figure_of_presets("tiles", count, rows, scored)
        figure.canvas.draw()
        heights.append(figure.axes[0].get_window_extent().height)
    assert heights[1] > 0.8 * heights[0]


@pytest.mark.parametrize("name", ["physical", "physical + ADC ranges 20 s + column affine 20 s"])
def test_the_legend_of_long_names_lies_within_the_plot(name, rows, scored):
    figure = figure_of_presets(name, 3, rows, scored)
    figure.canvas.draw()
    (legend,) = figure.legends
    extent, whole = legend.get_window_extent(), figure.bbox
    assert len(legend.get_texts()) == 5
    assert whole.x0 <= extent.x0 and extent.x1 <= whole.x1


def results_mean(results, row):
    return sum(one.wer_percent for one in results.devices(row.bits, row.preset, "dev", "tuned")) / 4


def test_the_figures_of_the_plot_are_those_of_the_tables(rows, whole_graph):
    tables = all_tables(Results.load(whole_graph), "mini", costs=COSTS, energies=rows)
    lines = list(csv.DictReader(io.StringIO(EnergyData("dev").csv(tables))))
    assert {(line["bits"], line["preset"], line["scales"]) for line in lines} == {
        (bits, preset, scales) for bits in ("3", "4") for preset in PRESETS for scales in ("tuned", "fixed")
    }
    [line] = [line for line in lines if (line["bits"], line["preset"], line["scales"]) == ("3", "paper", "fixed")]
    row = rows[3]
    assert float(line["total_uj_per_s"]) == pytest.approx(row.microjoules()["total"].typical)
    words = EnergyData("dev").words(tables)
    assert f"{numbers.significant(row.microjoules()['total'].typical)} µJ per s" in words and "150 crossbars" in words
    assert EnergyData("dev").words({}) == ""


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "work.json"
    write_work(path, work(3))
    assert read_work(path) == work(3)
    whole = json.loads(path.read_text())
    for broken in ({}, whole | {"layers": [{"name": "a"}]}, whole | {"audio_s": 0}):
        path.write_text(json.dumps(broken))
        with pytest.raises(InputError, match=r"work\.json is not the work of a device"):
            read_work(path)


@pytest.mark.parametrize(
    "number, text", [(0, "0"), (0.012345, "0.0123"), (9.996, "10.0"), (12.34, "12.3"), (12345.0, "12,300")]
)
def test_three_significant_figures(number, text):
    assert numbers.significant(number) == text
