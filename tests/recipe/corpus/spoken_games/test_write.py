"""The whole way from packages to segments, on stand-ins of the games' files."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sisyphus import tk

from recipe.corpus.layout import PARTS, check_layout
from recipe.corpus.spoken_games.config import SpokenGames
from recipe.corpus.spoken_games.jobs import PrepareSpokenGamesJob
from recipe.corpus.stm import read_stm
from recipe.files import read_json


def run(corpus, folder):
    """Run the job in a folder; return the root of the corpus."""
    job = PrepareSpokenGamesJob(corpus)
    job.out_root = tk.Path(str(folder / "corpus"))
    job.unpack()
    job.write()
    return folder / "corpus"


@pytest.fixture
def root(debs, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return run(SpokenGames(debs=str(debs), dev_minutes=0.5, test_minutes=0.6), folder)


def lines(root, part):
    return [line for path in sorted((root / part / "stm").glob("*.stm")) for line in read_stm(path)]


def test_the_layout_is_complete_and_nothing_else_is_left(root):
    check_layout(root)
    assert not (root.parent / "unpacked").exists()
    assert (root / "spoken_games.dic").read_text().count("\n") > 20
    report = read_json(root / "report.json")
    assert report["rules"]["drascula"]["clips"] == 80
    kept = sum(rules["kept"] for rules in report["rules"].values())
    assert kept == sum(part["clips"] for part in report["parts"].values()) == sum(len(lines(root, p)) for p in PARTS)
    assert all(part["clips"] for part in report["parts"].values())


def test_segments_hold_the_sound_and_gaps_do_not(root):
    for part in PARTS:
        by_talk = defaultdict(list)
        for line in lines(root, part):
            by_talk[line.talk].append(line)
        for talk, found in by_talk.items():
            samples, rate_hz = soundfile.read(root / part / "sph" / f"{talk}.sph")
            assert rate_hz == 16_000
            outside = np.ones(len(samples), bool)
            for line in found:
                start, end = round(line.start_s * rate_hz), round(line.end_s * rate_hz)
                assert np.abs(samples[start:end]).max() > 0.3
                needed = (sum(map(str.isalpha, line.text)) + 5) / 14 + 0.3  # as the stand-ins are made, and its margins
                assert line.end_s - line.start_s == pytest.approx(needed, abs=0.1)
                outside[start:end] = False
            assert not samples[outside].any()


def test_parts_share_no_sentence_and_segments_know_their_clips(root):
    said = {part: {line.text for line in lines(root, part)} for part in PARTS}
    assert not said["train"] & said["dev"] and not (said["train"] | said["dev"]) & said["test"]
    rows = [line.split("\t") for line in (root / "clips.tsv").read_text().splitlines()]
    assert len({clip for _, clip, _ in rows}) == len(rows) == sum(len(lines(root, part)) for part in PARTS)
    assert {name.split("/")[0] for name, _, _ in rows} == set(PARTS)


def test_a_second_run_gives_the_same_bytes_and_clips_can_be_left_out(root, debs, tmp_path, monkeypatch):
    again, fewer = tmp_path / "again", tmp_path / "fewer"
    names = [line.split("\t")[1] for line in (root / "clips.tsv").read_text().splitlines()]
    for folder, left_out in ((again, ()), (fewer, tuple(names[:2]))):
        folder.mkdir()
        monkeypatch.chdir(folder)
        run(SpokenGames(debs=str(debs), dev_minutes=0.5, test_minutes=0.6, left_out=left_out), folder)
    files = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    assert files and all((root / name).read_bytes() == (again / "corpus" / name).read_bytes() for name in files)
    rest = {line.split("\t")[1] for line in (fewer / "corpus" / "clips.tsv").read_text().splitlines()}
    assert rest == set(names[2:])
    rules = json.loads((fewer / "corpus" / "report.json").read_text())["rules"]
    assert sum(found.get("refused: by a recogniser", 0) for found in rules.values()) == 2


def test_sayings_become_sentences(root):
    from recipe.lm.text import sentences_of

    assert list(sentences_of(str(root / "LM" / "fortunes.en.gz"))) == [
        "time flies like an arrow",
        "fruit flies like a banana",
    ]
