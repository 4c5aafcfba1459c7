"""How numbers are written in tables, plots and the HTML report; nothing else formats one."""

MISSING = "not in this graph"
UNPUBLISHED = "paper reports none"


def wer(percent: float) -> str:
    """One decimal, as in the paper."""
    return f"{percent:.1f}"


def change(percent: float, reference: float | None) -> str:
    """` +24 %` relative to the reference; empty without one."""
    return f" {100 * (percent / reference - 1):+.0f} %" if reference else ""


def wer_interval(percent: float, interval: tuple[float, float]) -> str:
    return f"{wer(percent)} [{wer(interval[0])}, {wer(interval[1])}]"


def difference_interval(percent: float, interval: tuple[float, float]) -> str:
    return f"{percent:+.1f} [{interval[0]:+.1f}, {interval[1]:+.1f}]"


def spread(mean: float, std: float, low: float, high: float) -> str:
    return f"{wer(mean)} ± {std:.2f} ({wer(low)}-{wer(high)})"


def scales(kind: str, lm_scale: float, prior_scale: float) -> str:
    return f"{kind} {lm_scale:g}/{prior_scale:g}"


def value(number: float) -> str:
    """Three significant figures."""
    return f"{number:.3g}"
