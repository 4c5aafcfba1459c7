"""What devices lose to their digital model: the device's own effect, row by row, as the claims compare it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recipe.report.doubts import doubt
from recipe.report.intervals import Intervals
from recipe.report.results import Results, bits_order, wers
from recipe.systems import SCALE_MODES


@dataclass(frozen=True)
class Loss:
    """The devices of one row on one part against their digital model at the same search scales."""

    bits: str
    preset: str
    part: str
    scale_mode: str
    device_wers_percent: np.ndarray
    """[D]."""
    digital_wer_percent: float
    """Mean over trainings."""
    difference_percent: float
    """Percent points; positive where devices make more errors."""
    interval95_percent: tuple[float, float]

    def record(self) -> dict[str, str]:
        """As a line of a CSV, in percent and percent points."""
        low, high = self.interval95_percent
        figures = {
            "wer_percent": self.device_wers_percent.mean(),
            "digital_wer_percent": self.digital_wer_percent,
            "loss_percent": self.difference_percent,
            "low95_percent": low,
            "high95_percent": high,
        }
        names = {"part": self.part, "bits": self.bits, "preset": self.preset, "scales": self.scale_mode}
        return names | {"devices": str(len(self.device_wers_percent))} | {k: f"{v:.6g}" for k, v in figures.items()}


def losses(results: Results, intervals: Intervals) -> list[Loss]:
    """One per part, preset, width and way of setting search scales that has devices and a digital model.

    Rows in doubt are left out, as no claim is made about them.
    """
    found = []
    for part in results.parts:
        for preset in results.presets():
            for bits in sorted(results.bits("memristor"), key=bits_order):
                for scale_mode in SCALE_MODES:
                    devices = results.devices(bits, preset, part, scale_mode)
                    digital = results.trainings("QAT", bits, part, scale_mode)
                    if not devices or not digital or doubt(devices) or doubt(digital):
                        continue
                    difference, interval = intervals.difference(devices, digital)
                    rates, of_digital = wers(devices), float(wers(digital).mean())
                    found.append(Loss(bits, preset, part, scale_mode, rates, of_digital, difference, interval))
    return found


def to_csv(found: Iterable[Loss]) -> str:
    """A line per loss, below the names of the columns; empty without one."""
    text = io.StringIO()
    records = [loss.record() for loss in found]
    writer = csv.DictWriter(text, list(records[0]) if records else [], lineterminator="\n")
    if records:
        writer.writeheader()
        writer.writerows(records)
    return text.getvalue()


def rows_of(found: Sequence[Loss]) -> list[tuple[str, str]]:
    """Bits and preset of every row, in the order of the losses."""
    return list(dict.fromkeys((loss.bits, loss.preset) for loss in found))
