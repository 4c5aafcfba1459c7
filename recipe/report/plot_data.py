"""The figures behind each plot of the page as CSV, and a sentence for those who cannot see it. Loads no NumPy."""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sisyphus import tk

from recipe.report.numbers import difference_interval, significant
from recipe.report.text_table import Table

Tables = Mapping[str, Sequence[Table]]
WER_COLUMNS = (
    "source", "system", "bits", "preset", "device", "training_seed", "scales", "wer_percent", "low95_percent",
    "high95_percent", "mean", "std", "min", "max",
)  # fmt: skip
Run = tuple[str, str, int, tk.Path]
"""Bits, preset, device, and a CSV about this device."""


class PlotData(ABC):
    """What one plot shows."""

    @abstractmethod
    def records(self, tables: Tables) -> list[dict]:
        """The figures, one dict per line.

        :param tables: of the report, by name
        """

    def csv(self, tables: Tables) -> str:
        """Lines of comma separated values; empty where nothing is known."""
        records = self.records(tables)
        if not records:
            return ""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(key for r in records for key in r)), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        return text.getvalue()

    def words(self, tables: Tables) -> str:
        """What the plot shows, in a sentence; empty where its title says all."""
        return ""


@dataclass(frozen=True)
class WerData(PlotData):
    """Word error rates of one part, and the paper's."""

    part: str

    def records(self, tables):
        """Rows and devices of Tables 2 and 3."""
        rows = _records(tables, ("table2", "table3"))
        of_part = [row for row in rows if row.get("part") == self.part or row["source"] == "paper"]
        return [{name: row.get(name, "") for name in WER_COLUMNS} for row in of_part]

    def words(self, tables):
        """Our rows by system: `float 32 bit 6.1 %; QAT 8 bit 5.7 %`."""
        ours = [row for row in self.records(tables) if row["source"] == "ours" and row["device"] in ("", None)]
        named = dict.fromkeys(f"{_row_name(row)} {float(row['wer_percent']):.1f} %" for row in ours)
        return f"Word error rates on {self.part}: {'; '.join(named)}." if named else ""


@dataclass(frozen=True)
class CrossbarsData(PlotData):
    """Word error rates of device rows against the crossbars that they take."""

    part: str

    def records(self, tables):
        """Rows of Table 3 with their number of crossbars."""
        counts = {(row["bits"], row["preset"]): row["crossbars"] for row in _records(tables, ("costs",))}
        rows = [row for row in WerData(self.part).records(tables) if row["source"] == "ours"]
        return [
            {"crossbars": counts[row["bits"], row["preset"]]} | row
            for row in rows
            if (row["bits"], row["preset"]) in counts
        ]


@dataclass(frozen=True)
class EnergyData(PlotData):
    """Word error rates of device rows against what a second of audio takes."""

    part: str

    def records(self, tables):
        """Rows of Table 3, without single devices, with the figures of the table of energy."""
        taken = {(row["bits"], row["preset"]): row for row in _records(tables, ("energy",))}
        rows = [row for row in WerData(self.part).records(tables) if row["source"] == "ours"]
        return [
            row | taken[row["bits"], row["preset"]]
            for row in rows
            if (row["bits"], row["preset"]) in taken and row["device"] in ("", None)
        ]

    def words(self, tables):
        """`memristor 3 bit, physical, tuned scales: 9.1 % at 12.3 uJ per s of audio`."""
        named = dict.fromkeys(
            f"{_row_name(row)}: {float(row['wer_percent']):.1f} % at {significant(row['total_uj_per_s'])} µJ per s of "
            f"audio, {row['crossbars']:,} crossbars, {significant(row['area_mm2'])} mm²"
            for row in self.records(tables)
        )
        return f"Word error rates on {self.part} against energy: {'; '.join(named)}." if named else ""


@dataclass(frozen=True)
class LossesData(PlotData):
    """What devices lose to their digital model, of one report's parts."""

    path: tk.Path
    """losses.csv of LossesPlotJob."""

    def records(self, tables):
        """Differences with their intervals."""
        return _lines(self.path)

    def words(self, tables):
        """`dev: physical 4 bit, tuned scales +0.5 [-0.0, +1.0]`."""
        named = (
            f"{row['part']}: {row['preset']} {row['bits']} bit, {row['scales']} scales {_with_interval(row)}"
            for row in self.records(tables)
        )
        return f"Points of word error rate lost to the digital model: {'; '.join(named)}."


@dataclass(frozen=True)
class CurvesData(PlotData):
    """Losses and learning rates of trainings."""

    curves: Mapping[str, tk.Path]
    """learning_curve.csv by the training's name."""

    def records(self, tables):
        """All sub-epochs of all trainings."""
        return [{"training": name} | row for name, path in self.curves.items() for row in _lines(path)]


@dataclass(frozen=True)
class ClippingData(PlotData):
    """Share of conversions that clip, by row and layer."""

    converter: str
    """`adc` or `dac`."""
    runs: Sequence[Run]

    def records(self, tables):
        """Mean over the devices of a row."""
        rates: dict[tuple[str, str, str], list[float]] = {}
        for bits, preset, _, path in self.runs:
            for row in _lines(path):
                rates.setdefault((bits, preset, row["layer"]), []).append(100 * float(row[f"{self.converter}_rate"]))
        return [
            {"bits": bits, "preset": preset, "layer": layer, "devices": len(found)}
            | {"clipped_percent": f"{sum(found) / len(found):.6g}"}
            for (bits, preset, layer), found in rates.items()
        ]


@dataclass(frozen=True)
class StatesData(PlotData):
    """Histograms of cells and pairs."""

    runs: Sequence[Run]

    def records(self, tables):
        """Bins that hold something."""
        return [
            {"bits": bits, "preset": preset, "device": device} | row
            for bits, preset, device, path in self.runs
            for row in _lines(path)
            if float(row["count"])
        ]


def _with_interval(row: Mapping) -> str:
    low, high = float(row["low95_percent"]), float(row["high95_percent"])
    return difference_interval(float(row["loss_percent"]), (low, high))


def _row_name(row: Mapping) -> str:
    """`QAT 8 bit`, `memristor 3 bit, physical, fixed scales`."""
    name = f"{row['system']} {row['bits']} bit"
    return f"{name}, {row['preset']}, {row['scales']} scales" if row["preset"] else name


def _records(tables: Tables, names: Iterable[str]) -> list[dict]:
    return [record for name in names for table in tables.get(name, ()) for record in table.records]


def _lines(path: tk.Path) -> list[dict]:
    with open(path.get_path(), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
