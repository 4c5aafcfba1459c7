"""Corpora of other layouts go through the same jobs: everything before the first training, run by the engine."""

import os
from pathlib import Path

import numpy as np
import pytest

from recipe.corpus.pronunciations import cmudict_entries
from recipe.formats.hdf import HdfReader
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import estimate
from tests.recipe.corpus.stand_ins import kaldi_set, librispeech_subset
from tests.tiny_graph import ROOT, manager

CONFIG = """
from dataclasses import replace

from sisyphus import tk

from recipe.corpus_report.limits import CorpusLimits, Limit
from recipe.graph.experiment import Experiment
from setups.mini import mini
from setups.mini_librispeech import mini_librispeech


def py():
    limits = CorpusLimits(**{{name: Limit(stop=None) for name in vars(CorpusLimits())}})  # noise, four sentences
    experiment = Experiment(replace({setup}(), corpus_limits=limits))
    data = experiment.data
    tk.register_output("targets.hdf", data.training_targets)
    tk.register_output("dev_targets.hdf", data.dev_targets)
    tk.register_output("lm.bin", data.lm)
    for part, shards in data.features.items():
        for number, shard in enumerate(shards):
            tk.register_output(f"features/{{part}}.{{number}}.hdf", shard)
    return experiment
"""
LEFT_OUT = "burns"  # a word of the transcripts, for G2P


def write_lexicon(path: Path) -> None:
    """Two thousand words with stress in upper case, as LibriSpeech's lexicon has them."""
    entries = [entry for entry in cmudict_entries() if entry[0] != LEFT_OUT]
    needed = "we don't know a cat sat there it was cold the old house".split()
    chosen = entries[::60] + [entry for entry in entries if entry[0] in needed]
    path.write_text("".join(f"{word.upper()}  {' '.join(phones)}\n" for word, phones in sorted(chosen)))


def kaldi(root: Path) -> None:
    kaldi_set(root, [f"s{number}" for number in range(10)], each=4, suffix=".wav", rate_hz=22_050)
    write_lexicon(root / "lexicon.txt")


def mini_librispeech(root: Path) -> None:
    for subset, speakers in (("train-clean-5", 4), ("dev-clean-2", 4)):
        librispeech_subset(root / "LibriSpeech", subset, speakers, chapters=2, each=4)
    write_lexicon(root / "librispeech-lexicon.txt")
    text = root / "books.txt"
    text.write_text("WE DON'T KNOW THE OLD HOUSE\nA CAT SAT THERE\nIT WAS COLD\n" * 3)
    config = NgramConfig(order=3, discount_fallback=True)
    estimate(str(text), str(root / "3-gram.pruned.1e-7.arpa.gz"), config, 0.2, str(root))


@pytest.mark.parametrize(
    ("make", "setup", "variable", "segments"),
    [(kaldi, "mini", "CORPUS", (32, 4, 4)), (mini_librispeech, "mini_librispeech", "LIBRISPEECH_ROOT", (32, 16, 16))],
)
def test_everything_before_the_first_training(tmp_path, make, setup, variable, segments):
    corpus, base = tmp_path / "thé corpus", tmp_path / "base"
    corpus.mkdir()
    make(corpus)
    for name in ("config", "work"):
        (base / name).mkdir(parents=True)
    for name in ("recipe", "memristor_sim", "setups", "settings.py"):
        (base / name).symlink_to(ROOT / name)
    (base / "config" / "given.py").write_text(CONFIG.format(setup=setup))
    run = manager(base, "config/given.py", **{variable: os.fspath(corpus)})
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    output = base / "output"
    for part, expected in zip(("train", "dev", "test"), segments, strict=True):
        features = {}
        for shard in sorted(output.glob(f"features/{part}.*.hdf")):
            features |= dict(HdfReader(shard))
        assert len(features) == expected
        assert {frames.shape for frames in features.values()} == {(98, 80)}  # a second at 16 kHz, whatever the rate
        assert all(np.isfinite(frames).all() for frames in features.values())
    targets = dict(HdfReader(output / "targets.hdf"))
    assert len(targets) == segments[0] and min(map(len, targets.values())) >= 6
    assert (output / "lm.bin").stat().st_size > 1000
