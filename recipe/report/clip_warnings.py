"""A line in the terminal as soon as a device has run whose ADCs clip: its word errors say little about its cells.

The manager calls this, so nothing heavy is loaded.
"""

import csv
from collections.abc import Iterable

from sisyphus import tk

from recipe.report.inputs import HardwareRun, first_of_rows

MEND = "give the device calibration=AdcRanges(), or its hardware a wider Adc.range_bits"


def register_clip_warnings(runs: Iterable[HardwareRun]) -> None:
    """Let the manager look at the first device of each row, once its emissions are there."""
    for run in first_of_rows(runs):
        most = run.system.hardware.quantisation.clip_warning
        tk.register_callback(warn_of_clipping, run.system.name, most, run.clip_rates)


def warn_of_clipping(device: str, most: float, clip_rates: tk.Path) -> None:
    """Print the worst layer of a device, if more than this share of its conversions clip.

    :param most: Quantisation.clip_warning of its hardware; of mini's Conformers at 3 to 8 bit no layer reaches 0.05
    """
    from recipe.files import open_text

    with open_text(clip_rates.get_path()) as file:
        rates = {row["layer"]: float(row["adc_rate"]) for row in csv.DictReader(file)}
    clipping = {layer: rate for layer, rate in rates.items() if rate > most}
    if clipping:
        worst = max(clipping, key=lambda layer: clipping[layer])
        more = f" and over {most:.0%} of {len(clipping) - 1} more" if len(clipping) > 1 else ""
        print(f"{device}: {rates[worst]:.0%} of the ADC conversions of {worst}{more} clip; {MEND}", flush=True)
