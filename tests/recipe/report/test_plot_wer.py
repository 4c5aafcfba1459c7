import re

import numpy as np
import pytest

from memristor_sim.hardware import physical
from recipe.report import paper
from recipe.report.plot_style import COLOURS, PRESETS, preset_colours, save
from recipe.report.plot_wer import SAME_MODEL, caption, crossbars_figure, device_rows, wer_figure
from recipe.report.results import Results, bits_order
from recipe.systems import Float, Memristor, Qat
from tests.recipe.report.artists import bars, caption_of, dots, line_of, named_lines, points, texts

COSTS = [
    {"bits": bits, "preset": preset, "crossbars": count}
    for preset in ("physical", "paper")
    for bits, count in (("4", 300), ("3", 200))
]
ROWS = [(preset, scale_mode) for preset in ("physical", "paper") for scale_mode in ("tuned", "fixed")]


@pytest.fixture(scope="module", params=["dev", "test"])
def part(request):
    return request.param


@pytest.fixture(scope="module")
def figure(results, part):
    """Against weight bits; looked at, not changed."""
    return wer_figure(results, "mini", part)


def row_label(preset, scale_mode):
    return f"memristor, {preset},\n{scale_mode} scales"


def mean_wer(results, bits, preset, part, scale_mode):
    return np.mean([one.wer_percent for one in results.devices(bits, preset, part, scale_mode)])


def test_digital_rows_are_lines_of_their_error_rates_with_the_intervals_as_bars(figure, results, part):
    ours, _ = figure.axes
    intervals = set()
    for kind in ("PTQ", "QAT"):
        tuned = [one for one in results.results if one.scale_mode == "tuned"]
        of_kind = {one.bits: one for one in tuned if (one.kind, one.part) == (kind, part)}
        assert points(ours, kind) == {bits: one.wer_percent for bits, one in of_kind.items()}
        assert line_of(ours, kind).get_color() == COLOURS[kind]
        intervals |= {(bits, *one.interval95_percent) for bits, one in of_kind.items()}
    assert bars(ours) == intervals


def test_devices_are_dots_and_their_mean_a_diamond_filled_when_scales_are_tuned(figure, results, part):
    ours, _ = figure.axes
    for preset in ("physical", "paper"):
        drawn = dots(ours, PRESETS[preset])
        expected = []
        for scale_mode in ("tuned", "fixed"):
            mean = points(ours, row_label(preset, scale_mode))
            assert mean == {b: pytest.approx(mean_wer(results, b, preset, part, scale_mode)) for b in ("4", "3")}
            line = line_of(ours, row_label(preset, scale_mode))
            assert (line.get_marker(), line.get_color()) == ("D", PRESETS[preset])
            assert (line.get_linestyle(), line.get_markerfacecolor()) == (
                ("-", PRESETS[preset]) if scale_mode == "tuned" else ("--", "white")
            )
            for x, bits in zip(line.get_xdata(), ("4", "3"), strict=True):
                rates = [one.wer_percent for one in results.devices(bits, preset, part, scale_mode)]
                expected.append((x, rates))
        assert sorted(drawn) == sorted(expected) and len(drawn) == 4


def test_the_published_figures_are_beside_ours(figure):
    _, published = figure.axes
    assert points(published, "PTQ") == paper.PTQ
    assert points(published, "QAT") == paper.QAT
    assert points(published, "memristor,\nfixed scales") == {b: row.mean for b, row in paper.MEMRISTOR.items()}
    assert bars(published) == {(bits, row.min, row.max) for bits, row in paper.MEMRISTOR.items()}
    assert set(named_lines(published)) == {"PTQ", "QAT", "memristor,\nfixed scales", "float"}


def test_the_float_model_is_a_level_line_on_each_side(figure, results, part):
    ours, published = figure.axes
    for axes, wer in ((ours, results.baseline(part).wer_percent), (published, paper.FLOAT)):
        x, y = named_lines(axes)["float"]
        assert y == [wer, wer] and x == list(axes.get_xlim())
        assert line_of(axes, "float").get_color() == COLOURS["float"]


def test_systems_of_one_width_stand_apart_digital_ones_to_the_left(figure):
    ours, _ = figure.axes
    labels = ["PTQ", "QAT", *(row_label(*row) for row in ROWS)]
    places = [dict(zip(points(ours, label), named_lines(ours)[label][0], strict=True)) for label in labels]
    ticks = {label.get_text(): tick for tick, label in zip(ours.get_xticks(), ours.get_xticklabels(), strict=True)}
    for bits in ("4", "3"):
        at = [place[bits] for place in places]
        assert sorted(at[:2]) == at[:2] and max(at[:2]) < ticks[bits] <= min(at[2:])
        assert np.diff(sorted(at)).min() > 0.05


def test_titles_lines_and_caption_say_what_is_shown(figure, results, part):
    ours, published = figure.axes
    assert (ours.get_title("left"), published.get_title("left")) == (f"ours: mini, {part}", "paper: TED-LIUM 2, dev")
    assert ours.get_ylabel() == "word error rate in %"
    for axes in (ours, published):
        assert [label.get_text() for label in axes.get_xticklabels()] == ["8", "6", "5", "4", "3", "2"]
        assert set(named_lines(axes)) <= set(texts(axes))
    assert {row_label(*row) for row in ROWS} == set(named_lines(ours)) - {"PTQ", "QAT", "float"}
    text = caption_of(figure)
    assert text == caption(results, "mini", part, device_rows(results, part))
    assert f"setup mini, {part}, {results.size(part)}; presets physical, paper; 4 devices per point" in text


def test_rows_hold_every_device_of_both_presets_and_scale_modes(results, part):
    rows = device_rows(results, part)
    assert [(row.preset, row.scale_mode) for row in rows] == ROWS
    assert all(list(row.rates) == ["4", "3"] and len(row.rates["3"]) == 4 for row in rows)


def test_pictures_are_the_same_bytes_again(results, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save(wer_figure(results, "mini", "test"), [tmp_path / folder / f"wer.{kind}" for kind in ("png", "svg")])
    for kind in ("png", "svg"):
        assert (tmp_path / "a" / f"wer.{kind}").read_bytes() == (tmp_path / "b" / f"wer.{kind}").read_bytes()


def test_mixtures_and_changed_choices_are_points_of_their_own(scored):
    mixture, changed = Qat({"a": 8, "b": 4}), Qat(4, {"attention_operand_bits": 8})
    results = Results.load([scored(system, 5.0) for system in (Float(), Qat(4), mixture, changed)])
    ours, _ = wer_figure(results, "mini", "dev").axes
    assert points(ours, "QAT") == {"4": results.digital("QAT", "4", "dev").wer_percent}
    (single,) = (line for line in ours.get_lines() if line.get_label() == "_")
    assert single.get_linestyle() == "None"
    assert list(single.get_ydata()) == [
        results.digital("QAT", bits, "dev").wer_percent for bits in sorted((mixture.row, changed.row), key=bits_order)
    ]
    assert caption_of(wer_figure(results, "mini", "dev")).split("; ")[1].startswith("no devices")


def crossbars_row(axes, label):
    return dict(zip(*named_lines(axes)[label], strict=True))


def test_devices_are_drawn_at_their_crossbars(results, part):
    ours, published = crossbars_figure(results, "mini", part, COSTS).axes
    places = set()
    for preset, scale_mode in ROWS:
        row = crossbars_row(ours, row_label(preset, scale_mode))
        expected = [mean_wer(results, bits, preset, part, scale_mode) for bits in ("3", "4")]
        assert list(row.values()) == pytest.approx(expected)  # fewer crossbars first
        assert all(0 < x - count < 20 for x, count in zip(row, (200, 300), strict=True))
        places |= set(row)
    assert len(places) == 8  # side by side
    digital = crossbars_row(ours, SAME_MODEL)
    assert digital == {n: results.digital("QAT", bits, part).wer_percent for bits, n in (("4", 300), ("3", 200))}
    assert (line_of(ours, SAME_MODEL).get_marker(), line_of(ours, SAME_MODEL).get_linestyle()) == ("o", "None")
    assert ours.get_title("left") == f"ours: mini, {part}"
    assert named_lines(ours)["float"][1] == [results.baseline(part).wer_percent] * 2


def test_the_published_devices_are_drawn_at_the_crossbars_of_the_papers_layers(results):
    _, published = crossbars_figure(results, "mini", "dev", COSTS).axes
    row = crossbars_row(published, "memristor,\nfixed scales")
    wide_last = sorted(paper.MEMRISTOR, key=int)
    assert list(row.values()) == [paper.MEMRISTOR[bits].mean for bits in wide_last]
    assert list(row) == sorted(row)
    planes = [count / (int(bits) - 1) for count, bits in zip(row, wide_last, strict=True)]
    assert planes == [planes[0]] * 5  # sign and magnitude: a plane per bit but one
    assert crossbars_row(published, SAME_MODEL) == {n: paper.QAT[b] for n, b in zip(row, wide_last, strict=True)}


def test_many_presets_are_drawn_in_one_scale_mode_and_in_colours_of_their_own(scored):
    names = [f"ADC {bits}" for bits in (2, 3, 4, 6)]
    runs = [scored(Memristor(4, 1, physical(), name), 6.0, scales=s) for name in names for s in ("tuned", "fixed")]
    results = Results.load([scored(Float(), 5.0), scored(Qat(4), 5.5), *runs])
    assert {row.scale_mode for row in device_rows(results, "dev")} == {"tuned"}
    costs = [{"bits": "4", "preset": name, "crossbars": 100 + i} for i, name in enumerate(names)]
    ours, _ = crossbars_figure(results, "mini", "dev", costs).axes
    assert set(named_lines(ours)) == {*names, SAME_MODEL, "float"}
    assert len({line_of(ours, name).get_color() for name in names}) == 4
    assert caption_of(wer_figure(results, "mini", "dev")).count("1 device per point, a dot each, tuned scales") == 1


@pytest.fixture
def sweep(scored):
    runs = [scored(Memristor(4, 1, physical(), f"sweep {i}"), 6.0) for i in range(20)]
    return Results.load([scored(Float(), 5.0), scored(Qat(4), 5.5), *runs])


def test_the_devices_of_a_sweep_stay_at_their_bits(sweep):
    ours, _ = wer_figure(sweep, "mini", "dev").axes
    places = [named_lines(ours)[f"sweep {i}"][0][0] for i in range(20)]
    assert len(set(places)) == 20 and max(places) - min(places) < 0.7
    assert all(points(ours, f"sweep {i}").keys() == {"4"} for i in range(20))
    assert len(preset_colours(sweep.presets())) == 22


def test_the_devices_of_a_sweep_stay_at_their_crossbars(sweep):
    costs = [{"bits": "4", "preset": f"sweep {i}", "crossbars": 100 if i else 900} for i in range(20)]
    ours, _ = crossbars_figure(sweep, "mini", "dev", costs).axes
    assert named_lines(ours)["sweep 0"][0] == pytest.approx([900], rel=0.02)
    assert named_lines(ours)["sweep 1"][0] == pytest.approx([100], rel=0.2)


def test_what_is_drawn_does_not_depend_on_the_order_of_a_set(results):
    """Rows go from wide to narrow, so that svg files are equal in every process."""
    ours, _ = wer_figure(results, "mini", "dev").axes
    places = [line.get_xdata()[0] for line in ours.get_lines() if re.match("_child", line.get_label())]
    assert places == sorted(places, key=lambda x: (round(x % 1, 6), x)) and len(places) == 8


def test_a_width_that_devices_alone_have_is_on_the_axis(scored):
    results = Results.load([scored(Float(), 5.0), scored(Memristor(7, 1, physical()), 6.0)])
    ours, _ = wer_figure(results, "mini", "dev").axes
    assert [label.get_text() for label in ours.get_xticklabels()] == ["8", "7", "6", "5", "4", "3", "2"]
