import numpy as np
import pytest

from recipe.errors import InputError
from recipe.report.device_files import DeviceFile
from recipe.report.plot_states import read_states, states_figure
from tests.recipe.report.artists import caption_of, named_lines

COUNTS = {
    ("conductance_us", "0"): {1: 6, 3: 2},
    ("conductance_us", "1"): {150: 1, 152: 3},
    ("pair_value", "-1"): {-1.01: 2},
    ("pair_value", "0"): {-0.01: 4, 0.01: 4},
    ("pair_value", "1"): {0.99: 1, 1.01: 0},
}
IDEALS_US = (2.0, 151.0)


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "states.csv"
    rows = [f"{q},{w},{centre},{n}\n" for (q, w), counts in COUNTS.items() for centre, n in counts.items()]
    path.write_text("".join(["quantity,written,centre,count\n", *rows]))
    return [
        DeviceFile(bits=bits, preset=preset, device=device, path=str(path))
        for preset, device in (("physical", 1), ("paper", 7))
        for bits in ("3", "8")
    ]


def histograms(axes) -> list[tuple[str, list, list]]:
    steps = [line for line in axes.get_lines() if line.get_drawstyle() == "steps-mid"]
    return [(line.get_linestyle(), list(line.get_xdata()), list(line.get_ydata())) for line in steps]


def level_lines(axes) -> list[float]:
    return [line.get_xdata()[0] for line in axes.get_lines() if line.get_linestyle() == ":"]


def test_histograms_are_read_by_quantity_and_level(files):
    read = read_states(files[0].path)
    assert {key: dict(zip(*map(list, value), strict=True)) for key, value in read.items()} == COUNTS


def test_each_level_is_drawn_as_its_share_and_what_was_not_set_is_dashed(files):
    figure = states_figure(files, IDEALS_US, "mini")
    cells, pairs = figure.axes[:2]
    of_one_device = [("--", [1, 3], [75, 25]), ("-", [150, 152], [25, 75])]
    assert histograms(cells) == of_one_device * 2
    minus, zero, plus = histograms(pairs)[:3]
    assert (minus, zero) == (("-", [-1.01], [100]), ("--", [-0.01, 0.01], [50, 50]))
    assert plus[:2] == ("-", [0.99, 1.01]) and plus[2][0] == 100 and np.isnan(plus[2][1])
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}


def test_ideals_are_dotted_lines_in_their_panels(files):
    for cells, pairs in np.reshape(states_figure(files, IDEALS_US, "mini").axes, (2, 2)):
        assert level_lines(cells) == list(IDEALS_US)
        assert level_lines(pairs) == [-1, 0, 1]


def test_a_row_per_preset_a_colour_per_width_and_a_caption_with_the_devices(files):
    figure = states_figure(files, IDEALS_US, "mini")
    grid = np.reshape(figure.axes, (2, 2))
    assert [axes.get_title("left") for axes in grid[:, 0]] == ["physical preset", "paper preset"]
    assert [axes.get_xlabel() for axes in grid[1]] == [
        "conductance of a cell at 0.6 V in µS",
        "value of a pair at full drive, in weight steps",
    ]
    assert list(named_lines(grid[0, 0])) == ["8 bit", "3 bit"]
    assert [text.get_text() for text in grid[0, 0].get_legend().get_texts()] == ["8 bit", "3 bit"]
    colours = {line.get_color() for line in grid[0, 0].get_lines() if line.get_drawstyle() == "steps-mid"}
    assert len(colours) == 2
    assert "device 1 (physical), 7 (paper); all mapped layers" in caption_of(figure)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"other\.csv holds no cell states; it needs the columns"):
        read_states(tmp_path / "other.csv")
