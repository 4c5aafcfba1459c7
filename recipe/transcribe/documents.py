"""What was heard, for programs and for a browser: transcripts.json and transcripts.html."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipe.errors import InputError, shown
from recipe.files import open_text
from recipe.scoring.alignment import count_errors
from recipe.transcribe import layout
from recipe.transcribe.artefacts import Recogniser
from recipe.transcribe.audio import Recording
from recipe.transcribe.recordings import Named
from recipe.transcribe.transcript import Transcript

FORMATS = ("text", "json", "html")
REPORT = Path(__file__).resolve().parents[1] / "report"
"""Where the style of all pages lies."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One recording and what the systems made of it."""

    named: Named
    recording: Recording
    num_pieces: int
    """It was cut into so many."""
    transcripts: tuple[Transcript, ...]
    """Of the digital model and the device."""

    @property
    def spoken(self) -> str:
        """The words that were spoken, in the corpus' spelling; empty if nobody says."""
        return layout.as_spelt(self.named.reference)

    @property
    def notes(self) -> list[str]:
        """Of the recording, and whether it was cut."""
        cut = [f"cut into {self.num_pieces} pieces at its quietest points"] if self.num_pieces > 1 else []
        return [*self.recording.notes, *cut]


def checked_formats(text: str) -> list[str]:
    """`html json` or `html,json` as a list; empty text is none.

    :raises InputError: for another format
    """
    formats = text.replace(",", " ").split()
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"FORMAT names {shown(name)}; give one or more of {', '.join(FORMATS)}")
    return formats


def write(folder: Path, formats: Sequence[str], systems: Sequence[Recogniser], heard: Sequence[Heard]) -> list[Path]:
    """Write what was heard in all formats but text, which is printed; the files."""
    makers = {"json": as_json, "html": as_html}
    written = []
    for name in dict.fromkeys(formats):
        if name in makers:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"transcripts.{name}"
            with open_text(path, "wt") as file:
                file.write(makers[name](systems, heard))
            written.append(path)
    return written


def as_json(systems: Sequence[Recogniser], heard: Sequence[Heard]) -> str:
    """Systems and recordings, words with times in seconds."""
    content = {
        "systems": [
            {
                "name": one.name,
                "lm_scale": one.lm_scale,
                "prior_scale": one.prior_scale,
                "programmed_now": one.device_seed is not None,
            }
            for one in systems
        ],
        "recordings": [_record(systems, one) for one in heard],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _record(systems: Sequence[Recogniser], heard: Heard) -> dict[str, Any]:
    transcripts = []
    for system, found in zip(systems, heard.transcripts, strict=True):
        words = [{"text": word.text, "start_s": word.start_s, "end_s": word.end_s} for word in found.words]
        errors = count_errors(heard.spoken, found.text) if heard.spoken else None
        seconds = {"acoustic_s": found.acoustic_s, "search_s": found.search_s}
        transcripts.append({"system": system.name, "text": found.text, "words": words, "errors": errors, **seconds})
    return {
        "file": str(heard.named.path),
        "duration_s": heard.recording.duration_s,
        "notes": heard.notes,
        "reference": heard.spoken or None,
        "transcripts": transcripts,
    }


def as_html(systems: Sequence[Recogniser], heard: Sequence[Heard]) -> str:
    """A page that plays the recordings from where they lie, and loads nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, REPORT]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("transcripts.html.j2").render(
        systems=systems, heard=heard, aligned=layout.aligned, differ=layout.differ, wrong_words=layout.wrong_words
    )
