"""What the transcripts of a part hold that became no segment."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from recipe.corpus_report.findings import Finding
from recipe.given_text import given_lines

_IGNORED = "ignore_time_segment_in_scoring"


LEFT_OUT = {"short_segments": "too short", "repeated_segments": "there twice"}
"""Counts in the statistics of a part of what was left out of it, where there is any."""


def left_out_finding(part: str, statistics: Mapping[str, object], num_segments: int) -> Finding:
    """Segments that the job left out which made the part.

    :param statistics: JSON object of the part
    """
    finding = Finding(
        check="left_out_segments",
        where=part,
        what="segments were left out when the transcripts were read",
        mend="mend the transcripts; the log of SegmentCorpusJob names them",
    )
    for name, reason in LEFT_OUT.items():
        number = statistics.get(name, 0)
        if isinstance(number, int) and number:
            finding.add(f"{number:,} {reason}", number)
    finding.of = num_segments + finding.count
    return finding


def transcript_findings(part: str, folder: Path, talks: Collection[str], num_segments: int) -> Iterator[Finding]:
    """Lines that were left out, and talks of which nothing is left.

    :param folder: of the .stm files
    :param talks: those that have segments
    :param num_segments: of the part
    """
    left_out = Finding(
        check="ignored_lines", where=part, what="lines of the transcripts hold no segment", mend="look at these lines"
    )
    named: dict[str, str] = {}
    marked: list[str] = []
    for path in sorted(folder.glob("*.stm")):
        for where, line in given_lines(path):
            if not line.strip() or line.lstrip().startswith(";;"):
                continue
            left_out.of += 1
            named.setdefault(line.split(maxsplit=1)[0], f"{path.parent.name}/{path.name}")
            if _IGNORED in line and len(marked) < 3:
                marked.append(where.replace(f"{folder}/", ""))
        if path.stem not in talks:
            named.setdefault(path.stem, f"{path.parent.name}/{path.name}")
    for example in marked or ["(no line is marked, so rules or unreadable recordings left them out)"]:
        left_out.add(example, 0)
    left_out.count = max(0, left_out.of - num_segments)
    yield left_out
    lost = Finding(
        check="talks_without_segment",
        where=part,
        what="talks have a transcript, but no segment",
        mend="mend their transcripts, or take the talks out",
        of=len(named),
    )
    for talk in sorted(named.keys() - set(talks)):
        lost.add(f"{talk} ({named[talk]})")
    yield lost
