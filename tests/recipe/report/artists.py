"""What a figure shows, read from its artists."""

import numpy as np


def named_lines(axes) -> dict[str, tuple[list, list]]:
    """x and y of the lines that have a name, by name."""
    return {
        line.get_label(): (list(line.get_xdata()), list(line.get_ydata()))
        for line in axes.get_lines()
        if not line.get_label().startswith("_")
    }


def line_of(axes, label: str):
    (found,) = (line for line in axes.get_lines() if line.get_label() == label)
    return found


def points(axes, label: str) -> dict[str, float]:
    """y of a line by the tick that each of its points belongs to."""
    return {tick_at(axes, x): y for x, y in zip(*named_lines(axes)[label], strict=True)}


def tick_at(axes, x: float) -> str:
    """Label of the tick that a place belongs to: digital systems are to the left of it, devices to the right."""
    (index,) = np.flatnonzero((axes.get_xticks() - 0.3 < x) & (x < axes.get_xticks() + 0.7))
    return axes.get_xticklabels()[index].get_text()


def bars(axes) -> set[tuple[str, float, float]]:
    """Tick, lower and upper end of all vertical bars."""
    segments = [segment for collection in axes.collections for segment in collection.get_segments()]
    return {(tick_at(axes, low[0]), low[1], high[1]) for low, high in segments}


def dots(axes, colour) -> list[tuple[float, list[float]]]:
    """x and y of the nameless dots of one colour: a place and what several devices have there."""
    found = [line for line in axes.get_lines() if line.get_marker() == "o" and line.get_label().startswith("_")]
    return [(line.get_xdata()[0], list(line.get_ydata())) for line in found if line.get_color() == colour]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def caption_of(figure) -> str:
    return figure.get_supxlabel().replace("\n", " ")
