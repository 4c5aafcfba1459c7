"""How numbers are written in tables, plots and the HTML report; nothing else formats one."""

from collections.abc import Sequence
from math import floor, log10

MISSING = "not in this graph"
UNPUBLISHED = "paper reports none"


def wer(percent: float) -> str:
    """One decimal, as in the paper."""
    return f"{percent:.1f}"


def change(percent: float, reference: float | None) -> str:
    """` +24 %` relative to the reference; empty without one."""
    return f" {100 * (percent / reference - 1):+.0f} %" if reference else ""


def wer_interval(percent: float, limits: tuple[float, float]) -> str:
    """`7.8 [7.1, 8.5]`."""
    return f"{wer(percent)} {interval(limits)}"


def interval(limits: tuple[float, float]) -> str:
    """`[7.1, 8.5]`."""
    return f"[{wer(limits[0])}, {wer(limits[1])}]"


def difference_interval(percent: float, limits: tuple[float, float]) -> str:
    """A difference in percent points: `+0.6 [+0.1, +1.1]`."""
    return f"{percent:+.1f} [{limits[0]:+.1f}, {limits[1]:+.1f}]"


def spread(mean: float, std: float, low: float, high: float) -> str:
    """Over devices: mean, standard deviation, extremes: `8.9 ± 0.12 (8.7-9.2)`."""
    return f"{wer(mean)} ± {std:.2f} ({wer(low)}-{wer(high)})"


def scales(scale_mode: str, lm_scale: float, prior_scale: float) -> str:
    """Search scales and how they were set: `tuned 2/0.5`."""
    return f"{scale_mode} {lm_scale:g}/{prior_scale:g}"


def span(counts: Sequence[int], noun: str) -> str:
    """`1 device`, `10 devices`, `3 to 10 devices`.

    :param counts: from the smallest to the largest
    """
    ends = dict.fromkeys((counts[0], counts[-1]))
    return f"{' to '.join(map(str, ends))} {noun}{'' if counts[-1] == 1 else 's'}"


def counted(count: int, noun: str) -> str:
    """`1 job`, `1,234 jobs`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def value(number: float) -> str:
    """Four significant figures."""
    return f"{number:.4g}"


def significant(number: float) -> str:
    """Three significant figures without an exponent: `0.0123`, `12.3`, `12,300`."""
    if number == 0:
        return "0"
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.{max(0, 2 - floor(log10(abs(rounded))))}f}"


def duration(hours: float) -> str:
    """`2 h 05 min`, `3 min 20 s`, `4.2 s`."""
    seconds = 3600 * hours
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
