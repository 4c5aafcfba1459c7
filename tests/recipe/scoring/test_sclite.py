"""NIST's sclite as the judge of counts, where it is installed, on the STM and CTM files that are written for it."""

import random
import re
import shutil
import subprocess

import pytest

from recipe.formats.ctm import write_ctm
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment
from recipe.formats.stm import write_reference
from recipe.scoring.score import score
from recipe.scoring.wer import summary

SCLITE = shutil.which("sclite") or shutil.which("sclite", path="/usr/lib/sctk/bin")  # where Debian's sctk puts it


def random_task(seed: int):
    """60 overlapping segments; hypotheses with many errors, so that ties between alignments occur, and empty ones."""
    draw = random.Random(seed)
    words = [letter * 2 for letter in "abcdefghijkl"[: draw.choice([2, 3, 5, 12])]] + ["'s", "caf\u00e9"]
    segments, hypotheses = [], {}
    for n in range(60):
        said = [draw.choice(words) for _ in range(draw.randint(1, 14))]
        heard = [draw.choice(words) if draw.random() < 0.3 else word for word in said if draw.random() > 0.2]
        heard = [word for one in heard for word in ([one] if draw.random() > 0.2 else [one, draw.choice(words)])]
        heard = [] if draw.random() < 0.05 else heard
        name = f"mini/Talk_{n // 7}/{n % 7 + 1}"
        segments.append(Segment(name, "x.sph", 5.0 * n, 5.0 * n + 6, f"speaker {n // 7}", " ".join(said)))
        times_s = tuple((0.3 * i, 0.3 * i + 0.2) for i in range(len(heard)))
        hypotheses[name] = Hypothesis(" ".join(heard), -1.0, times_s)
    return segments, hypotheses


def sclite_counts(folder) -> list[tuple[int, ...]]:
    """(words, substitutions, deletions, insertions) per segment, sorted, from sclite's alignments."""
    files = ["-r", "reference.stm", "stm", "-h", "hypotheses.ctm", "ctm", "-e", "utf-8", "-o", "pra", "-n", "scored"]
    subprocess.run([SCLITE, *files], cwd=folder, check=True, capture_output=True)
    content = (folder / "scored.pra").read_text(encoding="utf-8")
    scores = re.findall(r"^Scores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)", content, re.MULTILINE)
    return sorted((int(c) + int(s) + int(d), int(s), int(d), int(i)) for c, s, d, i in scores)


@pytest.mark.skipif(SCLITE is None, reason="sclite is not installed (Debian's sctk)")
@pytest.mark.parametrize("seed", range(8))
def test_sclite_counts_the_same_in_every_segment(tmp_path, seed):
    segments, hypotheses = random_task(seed)
    write_reference(str(tmp_path / "reference.stm"), segments)
    write_ctm(str(tmp_path / "hypotheses.ctm"), segments, hypotheses)
    utterances, _ = score(segments, hypotheses)
    ours = sorted((one.words, one.substitutions, one.deletions, one.insertions) for one in utterances)
    assert sclite_counts(tmp_path) == ours
    assert summary(utterances)["words"] == sum(words for words, *_ in ours)
