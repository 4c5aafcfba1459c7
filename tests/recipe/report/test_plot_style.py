import matplotlib
import pytest
from matplotlib.figure import Figure

from recipe.report.plot_style import (
    PRESETS,
    STYLE,
    add_caption,
    compress_above,
    label_lines,
    names_explained,
    preset_colours,
    short_names,
    styled,
)
from tests.recipe.report.artists import caption_of, texts


def axes_with(*heights):
    axes = Figure().subplots()
    axes.plot(range(len(heights)), heights)
    return axes


def test_what_lies_far_above_does_not_squash_the_rest():
    axes = axes_with(7.0, 9.0, 100.0)
    compress_above(axes, knee=12.0)
    (low, near, far) = axes.transAxes.inverted().transform(axes.transData.transform([(0, 7), (0, 12), (0, 100)]))[:, 1]
    bottom, top = axes.get_ylim()
    assert bottom == pytest.approx(0.92 * 7) and low < near < far < 0.97  # a marker at the top is whole
    assert near == pytest.approx(0.7)  # the rest is for what lies far above
    back = axes.transData.inverted().transform(axes.transData.transform([(0, 50.0)]))
    assert back[0, 1] == pytest.approx(50.0)
    assert texts(axes) == ["logarithmic above this line"]
    assert list(axes.get_yticks()) == [7, 8, 9, 10, 12, 20, 30, 50, 100]
    assert [label.get_text() for label in axes.get_yticklabels()] == "7 8 9 10 12 20 30 50 100".split()


def test_a_linear_part_has_a_tick_at_every_round_rate_within_it():
    axes = axes_with(0.5, 20.0, 500.0)
    compress_above(axes, knee=70.0)
    ticks = "1 2 3 4 5 6 7 8 9 10 12 14 16 18 20 25 30 40 50 70 100 200"
    assert [label.get_text() for label in axes.get_yticklabels()] == ticks.split()


def test_an_axis_without_outliers_stays_linear():
    axes = axes_with(7.0, 13.0)
    compress_above(axes, knee=12.0)
    assert axes.get_yscale() == "linear" and texts(axes) == []


def test_names_of_lines_that_end_at_one_height_do_not_overlap():
    figure = Figure()
    axes = figure.subplots()
    for name, end in (("a", 1.0), ("b", 1.0), ("c", 9.0)):
        axes.plot([0, 1], [0.0, end], label=name)
    axes.plot([0, 1], [5.0, 5.0], label="_unnamed")
    label_lines(figure, axes)
    assert texts(axes) == ["a", "b", "c"]
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for one, other in ((boxes[0], boxes[1]), (boxes[1], boxes[2])))


def test_names_of_lines_that_end_apart_are_level_with_their_ends():
    figure = Figure()
    axes = figure.subplots()
    for name, end in (("low", 1.0), ("of two\nlines", 5.0), ("high", 9.0)):
        axes.plot([0, 1], [0.0, end], label=name)
    label_lines(figure, axes)
    figure.draw_without_rendering()
    heights = [
        axes.transData.inverted().transform((0, text.get_window_extent().y0 / 2 + text.get_window_extent().y1 / 2))[1]
        for text in axes.texts
    ]
    assert heights == pytest.approx([1, 5, 9], abs=0.3)


def test_our_presets_keep_their_colours_and_many_others_have_one_each():
    assert preset_colours(["other", "paper"])["paper"] == PRESETS["paper"]
    for count in range(1, 9):
        for ours in ([], ["physical"], ["physical", "paper"]):
            names = [*ours, *(f"tiles of {size}" for size in range(count))]
            assert len({preset_colours(names)[name] for name in names}) == len(names)


def test_the_style_ends_with_the_figure():
    inside = {}

    @styled
    def build() -> Figure:
        inside.update({name: matplotlib.rcParams[name] for name in STYLE})
        return Figure()

    build()
    assert inside == STYLE
    assert matplotlib.rcParams["font.size"] != STYLE["font.size"]


def test_a_caption_is_wrapped_below_the_figure():
    figure = Figure(figsize=(4, 3))
    add_caption(figure, "word " * 40)
    assert caption_of(figure) == ("word " * 40).strip()
    assert max(map(len, figure.get_supxlabel().splitlines())) <= 60


def test_long_names_of_rows_have_letters_that_the_caption_explains():
    rows = ["8", "8+4.1c0e", "3 attention_operand_bits=8", "3 a=1,b=2", "2 attention_operand_bits=8"]
    names = short_names(rows[:3] + rows[4:], rows)
    assert list(names.values()) == ["8", "8+4.1c0e", "3 (b)", "2 (b)"]
    assert names_explained(names) == " (b): attention_operand_bits=8."
