import dataclasses

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from PIL import Image
from torch import nn

from memristor_sim import __main__
from memristor_sim.characterise import iv_loops, line_resistance, states, tiles_and_adc, transfer
from memristor_sim.conversion import program
from memristor_sim.hardware import Adc, Cycles, physical


def test_every_picture_shows_something(tmp_path):
    __main__.main(["characterise", "--out", str(tmp_path / "a b")])
    paths = list((tmp_path / "a b").iterdir())
    assert {path.name for path in paths} == {
        "iv_loops.png",
        "states.png",
        "transfer.png",
        "tiles_and_adc.png",
        "line_resistance.png",
    }
    for path in paths:
        with Image.open(path) as image:
            assert len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)) > 100  # not blank


def test_pictures_depend_on_the_seed_alone():
    lines = []
    for seed in (1, 1, 2):
        figure = transfer(seed)
        lines.append(figure.axes[0].lines[0].get_ydata())
        plt.close(figure)
    assert np.array_equal(lines[0], lines[1]) and not np.array_equal(lines[0], lines[2])


def test_every_cell_runs_through_closed_loops():
    figure = iv_loops(0)
    cells = figure.axes[:6]
    for axis in cells:
        assert len(axis.lines) == 12
        (reads,) = axis.patches
        assert (reads.get_x(), reads.get_width()) == pytest.approx((-0.6, 1.2)) and reads.get_alpha() < 0.3
        for line in axis.lines:
            voltage_v, current_ua = line.get_data()
            assert (voltage_v[0], voltage_v[-1], voltage_v.min(), voltage_v.max()) == (0, 0, -1.5, 1.5)
            assert np.abs(np.diff(voltage_v)).max() <= 1.5 / 120 + 1e-9  # no jump
            assert np.all(current_ua * voltage_v >= 0)
    first_cycles = [axis.lines[0].get_ydata() for axis in cells]
    assert len({cycle.tobytes() for cycle in first_cycles}) == 6
    plt.close(figure)


def test_tiles_are_held_against_the_error_of_states_alone():
    figure = tiles_and_adc(0)
    left, right = figure.axes[:2]
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in left.lines}
    (alone,) = {*lines["states alone (fine ADC)"]}
    assert np.all(lines["read noise as published"] > lines["physical read noise"])
    fine = physical(adc=Adc(precision_bits=12, range_bits=10), read_noise=None)
    hardware = dataclasses.replace(fine, conditioning=Cycles(count=8))
    torch.manual_seed(0)
    linear = nn.Linear(512, 128, bias=False)
    generator = torch.Generator().manual_seed(0)
    linear.weight.data = torch.randn(128, 512, generator=generator)
    x = torch.randn(64, 512, generator=generator).clamp(-3, 3)
    ideal = linear(x).detach()
    error = program(linear, hardware, 0, input_range=3.0)(x) - ideal
    assert alone == pytest.approx(float(error.norm() / ideal.norm()), rel=1e-5)  # noise would change it by 4e-5
    errors, clipped = right.lines[0].get_ydata(), figure.axes[2].lines[0].get_ydata()
    assert np.all(np.diff(clipped) <= 0) and clipped[0] > 50 and clipped[-1] == 0
    assert len(errors) == 8 and np.argmin(errors) not in (0, 7)
    plt.close(figure)


def test_histograms_hold_every_state():
    figure = states(0)
    left, right = figure.axes
    assert (len(left.lines), len(right.lines)) == (6, 4 + 4)
    for line in (line for axis in figure.axes for line in axis.lines if len(line.get_xdata()) > 2):
        place, density = line.get_data()
        width = place[1] - place[0]
        assert (density * width).sum() == pytest.approx(1) and -0.1 < place[0] and place[-1] < 1
        assert 0.001 < width < 0.01
    means = [float((line.get_xdata() * line.get_ydata()).sum() / line.get_ydata().sum()) for line in right.lines[::2]]
    aims = [line.get_xdata()[0] for line in right.lines[1::2]]
    assert means == pytest.approx(aims, abs=0.05) and means == sorted(means, reverse=True)
    plt.close(figure)


def test_the_band_of_a_weight_has_the_colour_of_its_line():
    figure = transfer(0)
    left, right = figure.axes
    bands = {tuple(band.get_facecolor()[0][:3]) for band in left.collections}
    weights = [line for line in left.lines if line.get_label().startswith("weight ")]
    assert len(weights) == 4 and {to_rgb(line.get_color()) for line in weights} == bands
    slopes = [np.polyfit(*line.get_data(), 1)[0] for line in weights]
    assert slopes == pytest.approx([1, 0.5, 0, -1], abs=0.08)
    assert [line.get_label() for line in right.lines] == ["mean - ideal", "standard deviation over pairs"]
    plt.close(figure)


def test_lines_take_most_from_the_cells_that_are_farthest_from_both_ends():
    figure = line_resistance(0)
    (dots,) = figure.axes[0].collections
    columns, rows = dots.get_offsets().data.T
    share = dots.get_array()
    near, far = (share[(columns < 32) & (rows >= 96)].mean(), share[(columns >= 96) & (rows < 32)].mean())
    assert far < 0.6 * near
    low, middle, high = (np.array(line.get_ydata()) for line in figure.axes[1].lines)
    assert all(np.all(np.diff(lost) > 0) for lost in (low, middle, high))  # larger tiles lose more
    assert np.all(low < middle) and np.all(middle < high)
    plt.close(figure)
