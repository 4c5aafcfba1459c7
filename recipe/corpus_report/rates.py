"""Recordings that the features change before they are analysed: other rates, several channels."""

from collections.abc import Iterator, Mapping

from recipe.corpus_report.findings import Finding

RESAMPLED, MIXED = "resampled_recordings", "mixed_recordings"


def rate_findings(part: str, statistics: Mapping[str, object]) -> Iterator[Finding]:
    """How many recordings are resampled, and of how many the channels are averaged.

    :param statistics: JSON object of the part (recipe/corpus/recordings.py); TED-LIUM's holds no such counts
    """
    rates = statistics.get("recordings_by_rate_hz")
    if not isinstance(rates, dict):
        return
    what = {
        RESAMPLED: ("recordings are brought to 16 kHz", "record or fetch them at 16 kHz"),
        MIXED: ("recordings have several channels, which are averaged", "give recordings with one channel"),
    }
    for check, (odd, mend) in what.items():
        finding = Finding(check=check, where=part, what=odd, mend=mend, of=sum(rates.values()))
        number = statistics.get(check)
        if isinstance(number, int) and number:
            finding.add(", ".join(f"{count:,} of {rate} Hz" for rate, count in rates.items()), number)
        yield finding
