"""What a device row takes per second of audio, in energy, time and area; what its digital model takes beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from memristor_sim.bounds import Bounds
from memristor_sim.energy import EnergyModel
from recipe.hardware.device_work import DeviceWork, read_work

VECTORS_PER_READ = (1, 16)
"""Frames that a digital accelerator multiplies with a weight before it reads the next one."""


@dataclass(frozen=True, kw_only=True)
class EnergyRow:
    """One device of a bit width and preset."""

    bits: str
    preset: str
    work: DeviceWork
    crossbars: int
    weight_bytes_per_s: float
    """Of the mapped weights, read once per vector."""
    model: EnergyModel = EnergyModel()

    def microjoules(self) -> dict[str, Bounds]:
        """Per second of audio: `total`, `array`, `adc`, `dac`, `digital`."""
        energy = self.work.energy_per_s(self.model)
        parts = {"total": energy.total_j} | {
            name: getattr(energy, f"{name}_j") for name in ("array", "adc", "dac", "digital")
        }
        return {name: part * 1e6 for name, part in parts.items()}

    def weight_reads_uj(self, vectors_per_read: int) -> Bounds:
        """What the digital model takes per second of audio to read its weights from off-chip memory."""
        return self.model.dram_j_per_byte * (1e6 * self.weight_bytes_per_s / vectors_per_read)

    def multiply_adds_uj(self) -> Bounds:
        """What it takes to multiply with them."""
        return self.model.multiply_add_j * (1e6 * self.work.multiply_adds_per_s)

    def latency_ms(self) -> Bounds:
        """Of reads and conversions per second of audio."""
        return self.model.latency_s(self.work.layers) * (1e3 / self.work.audio_s)

    def area_mm2(self) -> Bounds:
        """Of cells and ADCs."""
        return self.model.area_mm2(self.work.layers)

    def record(self) -> dict:
        """Unrounded figures; each range as three."""
        ranges = {f"{name}_uj_per_s": part for name, part in self.microjoules().items()}
        ranges |= {"latency_ms_per_s": self.latency_ms(), "area_mm2": self.area_mm2()}
        ranges |= {f"weight_reads_uj_per_s_{n}": self.weight_reads_uj(n) for n in VECTORS_PER_READ}
        ranges |= {"multiply_adds_uj_per_s": self.multiply_adds_uj()}
        named = {"bits": self.bits, "preset": self.preset, "crossbars": self.crossbars}
        named |= {"utterances": self.work.utterances, "audio_s": self.work.audio_s}
        return named | {
            f"{name}{end}": getattr(bounds, value)
            for name, bounds in ranges.items()
            for end, value in (("", "typical"), ("_low", "low"), ("_high", "high"))
        }


def energy_rows(works: Iterable[tuple[str, str, str]], costs: Sequence[Mapping]) -> list[EnergyRow]:
    """The rows of a graph.

    :param works: bits, preset, and path of work.json
    :param costs: rows of CrossbarCostJob
    """
    counted = {(row["bits"], row["preset"]): row for row in costs}
    return [
        EnergyRow(
            bits=bits,
            preset=preset,
            work=read_work(path),
            crossbars=counted[bits, preset]["crossbars"],
            weight_bytes_per_s=counted[bits, preset]["digital_weight_bytes_per_s"],
        )
        for bits, preset, path in works
    ]
