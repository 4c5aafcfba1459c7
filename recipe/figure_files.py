"""Matplotlib figures as picture files. Loads matplotlib: import it where a worker draws."""

import os
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from recipe.files import written_aside

METADATA: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None}}
SVG: dict[Any, Any] = {"svg.hashsalt": "report", "svg.fonttype": "path"}


def save_figure(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as png (150 dots per inch) or svg, by the suffix of the path; equal figures give equal bytes."""
    picture_format = Path(path).suffix[1:]
    with written_aside(path) as scratch, rc_context(SVG):
        figure.savefig(scratch, format=picture_format, dpi=150, metadata=METADATA[picture_format], facecolor="white")
