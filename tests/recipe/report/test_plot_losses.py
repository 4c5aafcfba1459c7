from dataclasses import replace

import numpy as np
import pytest

from memristor_sim.hardware import physical
from recipe.report.intervals import Intervals
from recipe.report.losses import losses
from recipe.report.plot_losses import losses_figure
from recipe.report.results import Results
from recipe.systems import Float, Memristor, Qat
from tests.recipe.report.artists import caption_of, line_of

NAMES = ("wires of 1 ohm", "wires of 3 ohm", "aged")
SHIFT = {"tuned": -1, "fixed": 1}


@pytest.fixture(scope="module")
def figure(results, found_losses):
    """Looked at, not changed."""
    return losses_figure(results, "mini", found_losses)


def drawn(axes, mode):
    """The difference of each row, by the name beside it; tuned above the middle of the line, fixed below."""
    line = line_of(axes, f"{mode} scales")
    rows = {}
    for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
        assert np.sign(y - round(y)) == SHIFT[mode]
        rows[axes.figure.axes[0].get_yticklabels()[round(y)].get_text()] = x
    return rows


def test_each_part_has_a_panel_with_the_losses_of_its_rows(figure, found_losses, results):
    assert [axes.get_title("left") for axes in figure.axes] == [f"mini, {part}" for part in results.parts]
    for axes, part in zip(figure.axes, results.parts, strict=True):
        for mode in ("tuned", "fixed"):
            of_mode = [loss for loss in found_losses if (loss.part, loss.scale_mode) == (part, mode)]
            assert drawn(axes, mode) == {f"{one.bits} bit, {one.preset}": one.difference_percent for one in of_mode}
    hollow = line_of(figure.axes[0], "fixed scales").get_markerfacecolor()
    assert hollow == "white" != line_of(figure.axes[0], "tuned scales").get_markerfacecolor()


def test_bars_are_the_intervals(figure, found_losses, results):
    for axes, part in zip(figure.axes, results.parts, strict=True):
        segments = [segment for collection in axes.collections for segment in collection.get_segments()]
        bars = sorted((left[0], right[0]) for left, right in segments)
        assert bars == sorted(loss.interval95_percent for loss in found_losses if loss.part == part)
        assert all(left[1] == right[1] for left, right in segments)


def test_parts_share_the_axis_of_points_and_the_digital_model_is_its_zero(figure):
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    for axes in figure.axes:
        (zero,) = (line for line in axes.get_lines() if list(line.get_xdata()) == [0, 0])
        assert list(zero.get_ydata()) == [0, 1]  # the whole height, in parts of it


def test_the_caption_says_what_is_compared(figure):
    text = caption_of(figure)
    assert "setup mini" in text.lower() and "4 devices per row" in text and "same search scales" in text
    assert "A row in doubt (its notes are in the tables) has no mark." in text
    assert "95 % intervals over utterances and devices" in text and "Logarithmic" not in text


def test_a_sweep_at_one_width_names_its_rows_by_preset_alone_from_top_to_bottom(scored):
    runs = [scored(Memristor(4, 1, physical(), name), 6.0) for name in NAMES]
    results = Results.load([scored(Float(), 5.0), scored(Qat(4), 5.5), *runs])
    axes = losses_figure(results, "mini", losses(results, Intervals(results, 0))).axes[0]
    assert tuple(label.get_text() for label in axes.get_yticklabels()) == NAMES
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first row is the highest


def test_a_row_that_loses_much_makes_the_axis_logarithmic_and_the_caption_says_so(results, found_losses):
    far = replace(found_losses[0], difference_percent=28.0, interval95_percent=(25.0, 31.0))
    figure = losses_figure(results, "mini", [far, *found_losses[1:]])
    assert {axes.get_xscale() for axes in figure.axes} == {"symlog"}
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert {"0", "+2", "+4", "+10"} <= set(labels)
    assert "Logarithmic beyond 4 points." in caption_of(figure)


def test_a_graph_whose_rows_all_fell_out_still_has_a_picture(results):
    figure = losses_figure(results, "mini", [])
    assert "no devices" in caption_of(figure)
