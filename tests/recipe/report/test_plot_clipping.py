import numpy as np
import pytest

from recipe.errors import InputError
from recipe.report.device_files import DeviceFile
from recipe.report.plot_clipping import clip_maps, clipping_figure, kind_and_block, read_clip_rates, share_text
from tests.recipe.report.artists import caption_of, texts


@pytest.fixture
def device_file(tmp_path):
    """Factory: a device whose ADCs clip at the given rates in blocks 0 and 1, and no DAC does."""

    def make(*rates, bits="4", preset="paper", device=1):
        path = tmp_path / f"{preset}.{bits}.{device}.csv"
        rows = [f"blocks.{block}.attention.qkv,0,{rate}\n" for block, rate in enumerate(rates)]
        path.write_text("".join(["layer,dac_rate,adc_rate\n", *rows, "out,0,0.5\n"]))
        return DeviceFile(bits=bits, preset=preset, device=device, path=str(path))

    return make


def shown(axes) -> np.ndarray:
    (picture,) = axes.images
    return picture.get_array()


def test_rates_are_read_in_percent(device_file):
    read = read_clip_rates(device_file(0.01, 0).path)
    assert read["adc"] == {"blocks.0.attention.qkv": 1.0, "blocks.1.attention.qkv": 0.0, "out": 50.0}
    assert set(read["dac"].values()) == {0.0}


def test_maps_hold_the_mean_over_devices_by_kind_and_block(device_file):
    files = [device_file(0.01, 0.2, device=1), device_file(0.03, 0.4, device=2), device_file(0.5, 0.6, bits="8")]
    found = clip_maps(files, "adc")
    assert (found.kinds, found.blocks, list(found.maps)) == (
        ["attention.qkv", "out"],
        ["0", "1", ""],
        [("paper", "8"), ("paper", "4")],
    )
    np.testing.assert_allclose(found.maps["paper", "4"], [[2, 30, np.nan], [np.nan, np.nan, 50]])
    np.testing.assert_allclose(found.maps["paper", "8"], [[50, 60, np.nan], [np.nan, np.nan, 50]])


def test_a_map_for_each_bit_width_shows_colours_figures_and_names(device_file):
    files = [device_file(0.01, 0.2, device=1), device_file(0.03, 0, device=2), device_file(0.5, 0.6, bits="8")]
    figure = clipping_figure(files, "mini", "adc")
    wide, narrow, bar = figure.axes
    assert [axes.get_title("left") for axes in (wide, narrow)] == ["8 bit, paper", "4 bit, paper"]
    np.testing.assert_allclose(shown(narrow).filled(-1), [[2, 10, -1], [-1, -1, 50]])
    assert texts(narrow) == ["2.00", "10", "", "", "", "50"]
    assert [label.get_text() for label in wide.get_yticklabels()] == ["attention.qkv", "out"]
    assert [label.get_text() for label in narrow.get_xticklabels()] == ["0", "1", ""]
    assert wide.get_shared_y_axes().joined(wide, narrow) and wide.get_shared_x_axes().joined(wide, narrow)
    assert bar.get_ylabel().startswith("clipped ADC conversions in %")
    assert "mean over 1 to 2 devices per map" in caption_of(figure)


def test_where_no_converter_clips_maps_are_white(device_file):
    figure = clipping_figure([device_file(0.01, 0.2)], "mini", "dac")
    assert shown(figure.axes[0]).mask.all()
    assert texts(figure.axes[0]) == ["0", "0", "", "", "", "0"]
    assert caption_of(figure).endswith("conversions beyond the range of the DAC.")


def test_presets_of_one_width_fill_rows_and_a_place_left_over_is_empty(device_file):
    figure = clipping_figure([device_file(0.1, preset=f"tiles {i}") for i in range(7)], "mini", "adc")
    maps = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title("left") for axes in maps] == [f"4 bit, tiles {i}" for i in range(7)]
    assert [axes.get_visible() for axes in figure.axes[7:10]] == [False] * 3
    assert {axes.get_gridspec().get_geometry() for axes in maps} == {(2, 5)}


def test_two_widths_of_two_presets_are_a_row_per_preset(device_file):
    files = [device_file(0.1, bits=bits, preset=preset) for preset in ("physical", "paper") for bits in ("3", "8")]
    found = clip_maps(files, "adc")
    assert (found.rows, found.columns) == (2, 2)
    assert list(found.maps) == [("physical", "8"), ("physical", "3"), ("paper", "8"), ("paper", "3")]


def test_other_files_are_refused(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"other\.csv holds no clip rates; it needs the columns"):
        read_clip_rates(tmp_path / "other.csv")


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
