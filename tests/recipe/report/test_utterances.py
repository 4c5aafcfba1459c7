"""The page of utterances: words stay what and where they were, and a browser shows, sorts and plays them."""

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import tk

from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis, write_hypotheses
from recipe.formats.segments import Segment, write_segments
from recipe.report import utterances
from recipe.report.comparison import Comparison
from recipe.report.utterance_jobs import UtterancesPageJob
from recipe.report.utterances import Utterance, columns, page
from recipe.scoring.alignment import count_errors
from tests.recipe.report.browser import seen_in_browser

sentence = st.lists(st.sampled_from(["a", "b", "c", "A", "long"]), max_size=7).map(" ".join)
RATE_HZ = 16_000
REFERENCE = "the cat sat"
SPOKEN = {"dev/one/1": REFERENCE, "dev/one/2": "ein <b>wörd</b>", "dev/two/1": "no difference here"}
DIGITAL = {"dev/one/1": "the cat sat", "dev/one/2": "ein <b>wörd</b>", "dev/two/1": "no difference"}
DEVICE = {"dev/one/1": "a the mat", "dev/one/2": "ein word", "dev/two/1": "no difference"}


@given(sentence, sentence, sentence)
def test_both_hypotheses_can_be_read_off_and_have_the_errors_that_scoring_counts(reference, digital, device):
    made = columns(reference, digital, device)
    for row, text in enumerate((reference, digital, device)):
        assert " ".join(column[row] for column in made if column[row] is not None) == text
    segment = Segment("dev/a/1", "a.wav", 0.0, 1.0, "s", reference)
    found = Utterance(segment=segment, columns=made)
    assert found.errors == (count_errors(reference, digital), count_errors(reference, device))
    assert all(any(word is not None for word in column) for column in made)


def test_words_that_only_one_inserts_stand_alone():
    assert columns("b c", "x b c", "b c y") == ((None, "x", None), ("b", "b", "b"), ("c", "c", "c"), (None, None, "y"))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A page of three utterances on dev, two of them with audio, and one on test."""
    folder = tmp_path_factory.mktemp("utterances")
    tone = np.sin(np.arange(4 * RATE_HZ) / 20).astype("float32") * 0.3
    soundfile.write(folder / "talk.wav", np.stack([tone, tone], axis=1), RATE_HZ)
    segments = [Segment(name, "talk.wav", 0.5 * n, 0.5 * n + 1, "anna", SPOKEN[name]) for n, name in enumerate(SPOKEN)]
    test = Segment("test/one/1", "talk.wav", 0.0, 1.0, "ben", "only test")
    write_segments(folder / "dev.xml.gz", segments, "dev")
    write_segments(folder / "test.xml.gz", [test], "test")
    for name, words in {"digital": DIGITAL, "device": DEVICE}.items():
        found = {key: Hypothesis(text, 0.0, ((0.0, 0.1),) * len(text.split())) for key, text in words.items()}
        write_hypotheses(folder / f"{name}.json", found)
        write_hypotheses(folder / f"{name}.test.json", {test.name: Hypothesis("only test", 0.0, ((0.0, 0.1),) * 2)})
    compared = [
        Comparison(
            title="3 bit, device 1",
            part=part,
            digital=tk.Path(str(folder / f"digital{end}.json")),
            device=tk.Path(str(folder / f"device{end}.json")),
        )
        for part, end in (("dev", ""), ("test", ".test"))
    ]
    paths = {part: str(folder / f"{part}.xml.gz") for part in ("dev", "test")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utterances, "MOST_PLAYED", 2)
        text = page("mini", compared, paths, str(folder))
    (folder / "utterances.html").write_text(text, encoding="utf-8")
    return folder, text, compared, paths


def data_of(text: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_those_that_differ_most_come_first_and_carry_their_audio(written):
    folder, text, _, _ = written
    data = data_of(text)
    assert [one[0] for one in data["comparisons"][0]["utterances"]] == ["dev/one/1", "dev/one/2", "dev/two/1"]
    assert [one[2:4] for one in data["comparisons"][0]["utterances"]] == [[0, 3], [0, 1], [1, 1]]
    assert list(data["audio"]) == ["dev/one/1", "dev/one/2"] and "2 utterances carry their audio" in text
    sound = base64.b64decode(data["audio"]["dev/one/2"].split(",")[1])
    samples, rate_hz = soundfile.read(io.BytesIO(sound))
    spoken, _ = soundfile.read(folder / "talk.wav", start=RATE_HZ // 2, frames=RATE_HZ)
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(samples, spoken[:, 0], atol=1e-4)


def test_audio_stops_at_its_limit_and_none_is_taken_without_a_folder(written, monkeypatch):
    _, _, compared, paths = written
    assert "No audio is embedded" in page("mini", compared, paths, None)
    monkeypatch.setattr(utterances, "MOST_AUDIO_BYTES", 10)
    assert data_of(page("mini", compared, paths, str(written[0])))["audio"] == {}


def test_utterances_that_are_left_out_are_counted(written, monkeypatch):
    _, _, compared, paths = written
    monkeypatch.setattr(utterances, "MOST_UTTERANCES", 2)
    text = page("mini", compared, paths, None)
    assert len(data_of(text)["comparisons"][0]["utterances"]) == 2
    assert "the 2 are here that differ most; 1 is left out at most" in text


def test_a_page_of_nothing_is_refused():
    with pytest.raises(InputError, match="got no comparison"):
        UtterancesPageJob([], "mini", {})


LOOK = """
const inside = frame.contentDocument, found = {};
const shown = () => [...inside.querySelectorAll("article")].map(one => ({
  title: one.querySelector("h2").textContent,
  rows: [0, 1, 2].map(row => [...one.querySelectorAll(".column:not(.names)")].map(c => c.children[row].textContent)),
  wrong: [...one.querySelectorAll(".wrong")].map(word => word.textContent),
  audio: one.querySelector("audio") !== null}));
const choose = (name, value) => {
  const field = inside.getElementById(name);
  field.value = value; field.dispatchEvent(new Event("input"));
};
found.first = shown();
found.width = inside.documentElement.scrollWidth;
const audio = inside.querySelector("audio");
audio.preload = "auto"; audio.load();
found.seconds = await new Promise(done => {
  audio.onloadedmetadata = () => done(audio.duration); audio.onerror = () => done(-1); setTimeout(() => done(-2), 5000);
});
choose("order", "better"); found.better = shown().map(one => one.title);
choose("order", "difference"); choose("text", "cat"); found.filtered = shown().map(one => one.title);
choose("text", ""); choose("part", "test"); found.test = shown().map(one => one.title);
found.count = inside.getElementById("count").textContent;
"""


@pytest.fixture(scope="module")
def seen(written):
    folder, text, _, _ = written
    load = """
    const frame = document.createElement("iframe"); frame.width = 390; frame.height = 800;
    frame.srcdoc = document.getElementById("page").textContent;
    const loaded = new Promise(done => frame.onload = done); document.body.append(frame); await loaded;"""
    return seen_in_browser(folder, text, f"{load}{LOOK} document.body.replaceChildren(JSON.stringify(found));")


def test_a_browser_shows_words_beside_each_other_and_marks_what_is_wrong(seen):
    console, facts = seen
    first = facts["first"][0]
    assert console == [] and facts["width"] <= 390
    assert first["title"] == "dev/one/1 (anna): errors 0 digital, 3 device, +3"
    assert first["rows"][0] == ["\xa0", "the", "cat", "sat"] and first["rows"][1] == first["rows"][0]
    assert [one["audio"] for one in facts["first"]] == [True, True, False]
    assert facts["first"][1]["rows"][0] == ["ein", "<b>wörd</b>"] and facts["first"][1]["wrong"] == ["word"]


def test_a_browser_sorts_filters_and_changes_the_part(seen):
    _, facts = seen
    assert [title.split(" ")[0] for title in facts["better"]] == ["dev/two/1", "dev/one/2", "dev/one/1"]
    assert [title.split(" ")[0] for title in facts["filtered"]] == ["dev/one/1"]
    assert facts["test"] == ["test/one/1 (ben): errors 0 digital, 0 device, no difference"]
    assert facts["count"] == "1 utterance, errors 0 digital, 0 device"


def test_a_browser_can_play_the_audio(seen):
    assert seen[1]["seconds"] == pytest.approx(1.0, abs=0.05)
