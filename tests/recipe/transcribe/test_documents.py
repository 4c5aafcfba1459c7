"""What programs and browsers get of a transcription."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from recipe.errors import InputError
from recipe.transcribe.audio import Recording
from recipe.transcribe.documents import Heard, as_html, as_json, checked_formats, write
from recipe.transcribe.recordings import Named
from tests.recipe.transcribe.test_layout import ONE, OTHER

SYSTEMS = [
    SimpleNamespace(name=name, lm_scale=2.0, prior_scale=0.5, device_seed=seed)
    for name, seed in (("qat-3", None), ("memristor-3/physical/device-7", 7))
]


def heard(name: str, reference: str = "") -> Heard:
    recording = Recording(samples=torch.zeros(3), duration_s=12.0, notes=("16 kHz, mono",))
    return Heard(named=Named(Path(name), reference), recording=recording, num_pieces=2, transcripts=(ONE, OTHER))


def test_json_holds_words_times_and_errors():
    found = json.loads(as_json(SYSTEMS, [heard("a wörd.wav", "We study WHALES"), heard("b.wav")]))
    assert [one["programmed_now"] for one in found["systems"]] == [False, True]
    first, second = found["recordings"]
    assert first["file"] == "a wörd.wav" and first["notes"][-1] == "cut into 2 pieces at its quietest points"
    assert [one["errors"] for one in first["transcripts"]] == [0, 2]
    assert [one["errors"] for one in second["transcripts"]] == [None, None] and second["reference"] is None
    assert first["transcripts"][1]["words"][3] == {"text": "too", "start_s": 11.2, "end_s": 12.0}


def test_the_page_plays_the_files_where_they_lie_and_takes_names_as_text():
    page = as_html(SYSTEMS, [heard("/<b>a.wav", "we study whales")])
    assert "&lt;b&gt;a.wav" in page and "<b>a.wav" not in page
    assert 'src="file:///%3Cb%3Ea.wav"' in page
    assert re.findall('class="wrong">(.*?)<', page) == ["study", "steady", "−", "too"]
    assert "2 of 3 words wrong, 66.7 %" in page


def test_only_what_is_asked_for_is_written(tmp_path):
    assert write(tmp_path / "none", checked_formats("text"), SYSTEMS, [heard("a.wav")]) == []
    assert not (tmp_path / "none").exists()
    written = write(tmp_path / "new" / "out", checked_formats("html, json html"), SYSTEMS, [heard("a.wav")])
    assert (
        sorted(path.name for path in written)
        == ["transcripts.html", "transcripts.json"]
        == sorted(path.name for path in (tmp_path / "new" / "out").iterdir())
    )
    with pytest.raises(InputError, match="FORMAT names 'pdf'; give one or more of text, json, html"):
        checked_formats("json pdf")
