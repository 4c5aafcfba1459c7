import numpy as np
import pytest
from recipe.report.plot_hardware import Run, kind_and_block, plot_clipping, read_clip_rates, read_states, share_text

from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.report.plot_style import PRESETS, compress_above, preset_colours, pyplot
from recipe.report.plot_training import plot_learning_curves, read_curve
from recipe.report.plot_wer import caption, memristor_rows, plot_crossbars, plot_wer
from recipe.report.results import Results
from recipe.systems import Float, Memristor, Qat, QatWith


def png(tmp_path):
    return {"png": str(tmp_path / "picture.png")}


def test_pictures_are_the_same_bytes_again(whole_graph, tmp_path):
    results = Results.load(whole_graph)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        plot_wer(results, "mini", "test", {kind: str(tmp_path / folder / f"wer.{kind}") for kind in ("png", "svg")})
    for kind in ("png", "svg"):
        assert (tmp_path / "a" / f"wer.{kind}").read_bytes() == (tmp_path / "b" / f"wer.{kind}").read_bytes()


def test_plot_takes_mixtures_changed_choices_and_graphs_without_memristors(scored, tmp_path):
    systems = [Float(), Qat({"a": 8, "b": 4}), QatWith(4, {"attention_operand_bits": 8})]
    plot_wer(Results.load([scored(system, 5.0) for system in systems]), "mini", "dev", png(tmp_path))
    assert (tmp_path / "picture.png").stat().st_size > 10_000


def test_rows_hold_every_device_of_both_presets_and_ways_of_tuning(whole_graph):
    results = Results.load(whole_graph)
    rows = memristor_rows(results, "test")
    assert {(row.preset, row.scales) for row in rows} == {
        (preset, scales) for preset in ("paper", "physical") for scales in ("tuned", "fixed")
    }
    assert all(set(row.rates) == {"4", "3"} and len(row.rates["3"]) == 4 for row in rows)
    text = caption(results, "mini", "test", rows)
    assert f"setup mini, test, {results.size('test')}" in text
    assert "presets physical, paper; 4 devices per point" in text


def test_many_presets_are_drawn_one_way_and_in_colours_of_their_own(scored, tmp_path):
    names = [f"ADC {bits}" for bits in (2, 3, 4, 6)]
    runs = [scored(Memristor(4, 1, physical(), name), 6.0, scales=s) for name in names for s in ("tuned", "fixed")]
    results = Results.load([scored(Float(), 5.0), scored(Qat(4), 5.5), *runs])
    assert {row.scales for row in memristor_rows(results, "dev")} == {"tuned"}
    assert len({preset_colours(names)[name] for name in names}) == 4
    assert preset_colours(["other", "paper"])["paper"] == PRESETS["paper"]
    costs = [{"bits": "4", "preset": name, "crossbars": 100 + i} for i, name in enumerate(names)]
    plot_crossbars(results, "mini", "dev", costs, png(tmp_path))
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    names = [f"tiles of {size}" for size in range(8)]
    assert len({preset_colours(names)[name] for name in names}) == 8


def test_the_devices_of_a_sweep_stay_at_their_bits(scored, tmp_path, monkeypatch):
    runs = [scored(Memristor(4, 1, physical(), f"sweep {i}"), 6.0) for i in range(20)]
    results = Results.load([scored(Float(), 5.0), scored(Qat(4), 5.5), *runs])
    places = []
    monkeypatch.setattr(
        "recipe.report.plot_wer._device_line", lambda axes, row, place, colour: places.append(place["4"])
    )
    plot_wer(results, "mini", "dev", png(tmp_path))
    assert len(set(places)) == 20 and max(places) - min(places) < 0.7
    places.clear()
    costs = [{"bits": "4", "preset": f"sweep {i}", "crossbars": 100 if i else 900} for i in range(20)]
    plot_crossbars(results, "mini", "dev", costs, png(tmp_path))
    assert places[0] == pytest.approx(900, rel=0.02) and places[1] == pytest.approx(100, rel=0.2)


def test_what_lies_far_above_does_not_squash_the_rest():
    figure, axes = pyplot.subplots()
    axes.plot([0, 1, 2], [7.0, 9.0, 100.0])
    compress_above(axes, knee=12.0)
    (low, near, far) = axes.transAxes.inverted().transform(axes.transData.transform([(0, 7), (0, 12), (0, 100)]))[:, 1]
    assert near - low > 0.5 and near < far <= 1
    back = axes.transData.inverted().transform(axes.transData.transform([(0, 50.0)]))
    assert back[0, 1] == pytest.approx(50.0)
    pyplot.close(figure)


def test_an_axis_without_outliers_stays_linear():
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], [7.0, 13.0])
    compress_above(axes, knee=12.0)
    assert axes.get_yscale() == "linear"
    pyplot.close(figure)


def test_learning_curves_from_csv(tmp_path):
    curve = tmp_path / "float.csv"
    curve.write_text("epoch,learning_rate,train_loss,dev_loss\n1,0.001,3.5,3.6\n2,0.001,2.5,\n")
    assert read_curve(curve)["train_loss"] == [3.5, 2.5]
    plot_learning_curves({"float": str(curve)}, "mini", {"svg": str(tmp_path / "curves.svg")})
    assert "<svg" in (tmp_path / "curves.svg").read_text()
    curve.write_text("epoch,loss\n1,2\n")
    with pytest.raises(InputError, match="no learning curve"):
        read_curve(curve)


def test_clip_rates_per_layer_of_several_devices(tmp_path):
    runs = []
    for device, rate in ((1, 0.01), (2, 0.03)):
        path = tmp_path / f"{device}.csv"
        path.write_text(f"layer,dac_rate,adc_rate\nblocks.0.attention.qkv,0,{rate}\nblocks.1.attention.qkv,0,0\n")
        runs.append(Run(bits="4", preset="paper", device=device, path=str(path)))
    assert read_clip_rates(runs[0].path)["adc"] == {"blocks.0.attention.qkv": 1.0, "blocks.1.attention.qkv": 0.0}
    for converter in ("adc", "dac"):  # no DAC clips: still a picture
        plot_clipping(runs, "mini", converter, png(tmp_path))
        assert (tmp_path / "picture.png").stat().st_size > 5_000
    sweep = [Run(bits="4", preset=f"tiles {i}", device=1, path=runs[0].path) for i in range(7)]
    plot_clipping(sweep, "mini", "adc", png(tmp_path))
    width, height = pyplot.imread(tmp_path / "picture.png").shape[1::-1]
    assert width > height  # two rows of maps, not seven


@pytest.mark.parametrize("read", [read_clip_rates, read_states])
def test_other_files_are_refused(tmp_path, read):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"other\.csv holds no .*; it needs the columns"):
        read(tmp_path / "other.csv")


@pytest.mark.parametrize(
    ("layer", "expected"),
    [("blocks.3.attention.qkv", ("attention.qkv", "3")), ("encoder.blocks.11.ff", ("ff", "11")), ("out", ("out", ""))],
)
def test_layer_names_fall_into_kind_and_block(layer, expected):
    assert kind_and_block(layer) == expected


@pytest.mark.parametrize(
    ("percent", "text"),
    [(0, "0"), (0.004, "<.01"), (0.254, ".25"), (1.2, "1.20"), (31.4, "31"), (100, "100"), (np.nan, "")],
)
def test_shares_have_at_most_four_characters(percent, text):
    assert share_text(np.float64(percent)) == text
