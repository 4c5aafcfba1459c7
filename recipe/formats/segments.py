"""segments.xml.gz: the segments of a corpus part, the unit of all later stages, as gzip-compressed Bliss XML."""

import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from recipe.errors import InputError, code_point, shown
from recipe.files import open_text


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance of a recording."""

    name: str
    """`<corpus>/<talk>/<number>`, numbers from 1."""
    recording: str
    """Relative to the corpus root, as in `train/sph/Talk_2010.sph`."""
    start_s: float
    """From the start of the recording."""
    end_s: float
    speaker: str
    words: str
    """Separated by one space."""

    @property
    def talk(self) -> str:
        """The middle part of the name."""
        return self.name.split("/")[1]


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2 (Char)


def _require_xml(*texts: str) -> None:
    for text in texts:
        if found := _NO_XML.search(text):
            raise InputError(
                f"{shown(text)} holds {code_point(found[0])}, which XML cannot; take it out of the transcripts or names"
            )


def write_segments(path: str | Path, segments: Iterable[Segment], corpus_name: str) -> None:
    """Write Bliss XML as a stream; the segments of one recording must be adjacent.

    :raises InputError: for a character that XML cannot hold
    """
    _require_xml(corpus_name)
    with open_text(path, "wt") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        file.write(f"<corpus name={quoteattr(corpus_name)}>\n")
        for (talk, recording), group in groupby(segments, key=lambda segment: (segment.talk, segment.recording)):
            _require_xml(talk, recording)
            file.write(f"  <recording name={quoteattr(talk)} audio={quoteattr(recording)}>\n")
            file.writelines(map(_segment_element, group))
            file.write("  </recording>\n")
        file.write("</corpus>\n")


def _segment_element(segment: Segment) -> str:
    number = segment.name.rsplit("/", 1)[1]
    _require_xml(number, segment.speaker, segment.words)
    return (
        f'    <segment name={quoteattr(number)} start="{segment.start_s}" end="{segment.end_s}">\n'
        f"      <speaker name={quoteattr(segment.speaker)}/>\n"
        f"      <orth>{escape(segment.words)}</orth>\n"
        "    </segment>\n"
    )


def read_segments(path: str | Path) -> Iterator[Segment]:
    """Segments in file order; holds one recording in memory.

    :raises InputError: when the file is damaged or incomplete
    """
    try:
        yield from _read_segments(path)
    except (ElementTree.ParseError, EOFError, OSError, zlib.error, ValueError, TypeError, LookupError) as error:
        raise InputError(f"{path} is not a complete segment file ({error}); make it again") from None


def _read_segments(path: str | Path) -> Iterator[Segment]:
    with open_text(path) as file:
        parents: list[ElementTree.Element] = []
        for event, element in ElementTree.iterparse(file, events=("start", "end")):
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            if element.tag == "segment":
                corpus, recording = parents
                yield _segment(corpus, recording, element)
            elif element.tag == "recording":
                parents[0].remove(element)


def _segment(corpus: ElementTree.Element, recording: ElementTree.Element, element: ElementTree.Element) -> Segment:
    """:raises LookupError: when a child or an attribute is missing"""
    children = {child.tag: child for child in element}
    return Segment(
        name="/".join(parent.attrib["name"] for parent in (corpus, recording, element)),
        recording=recording.attrib["audio"],
        start_s=float(element.attrib["start"]),
        end_s=float(element.attrib["end"]),
        speaker=children["speaker"].attrib["name"],
        words=children["orth"].text or "",
    )
