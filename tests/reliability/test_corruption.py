"""Damaged files at every stage, read by the functions that the jobs call: one sentence that names the file, or the
same result as before. Formats without a checksum let some bit flips through; what they change is counted, not hidden,
and found by `./sis verify`.
"""

import gzip
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from sisyphus import tk

from recipe.corpus.layout import recording_seconds
from recipe.corpus.stm import read_stm
from recipe.errors import InputError
from recipe.features.extraction import read_samples
from recipe.formats.checkpoint import read_checkpoint, save_state
from recipe.formats.hdf import HdfReader, HdfWriter
from recipe.formats.hypotheses import Hypothesis, read_hypotheses, write_hypotheses
from recipe.formats.labels import read_labels
from recipe.formats.learned import Learned, read_learned, write_learned
from recipe.formats.lexicon import read_lexicon
from recipe.formats.log_prior import read_log_prior
from recipe.formats.score import write_score
from recipe.formats.segments import Segment, read_segments, write_segments
from recipe.formats.utterances import UtteranceErrors, write_utterances
from recipe.lexicon.dictionary import read_dictionary, read_pronunciations
from recipe.lexicon.g2p import apply_g2p, train_g2p
from recipe.lexicon.labels import SentencePieceLabels
from recipe.lexicon.sentencepiece_model import SentencePieceSpeller, train_sentencepiece
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import build_binary, estimate
from recipe.lm.perplexity import perplexity
from recipe.lm.table import Level, NgramTable, shared_words
from recipe.lm.text import write_text
from recipe.report.inputs import ScoredSystem
from recipe.report.results import load
from recipe.scoring.wer import summary
from recipe.systems import Float
from recipe.training.segments import segments_of

FLIPS = 30
WORDS = "we know of cats and dogs that sing all day long in the old town by the sea".split()
PHONES = ("K AE T", "D AO G", "S IH NG")
NAMES = [f"dev/talk/{n}" for n in range(1, 13)]
OUTCOMES: Counter[str] = Counter()


@dataclass(frozen=True)
class Stage:
    """A file, how the recipe reads it, and whether a checksum guards all of it."""

    file: str
    read: Callable[[Path], object]
    checked: bool = False
    flips: int = FLIPS


def segment(n: int, words: str) -> Segment:
    return Segment(NAMES[n], "dev/sph/talk.sph", 2.0 * n, 2.0 * n + 2, "someone", words)


def sentences(draw: random.Random, count: int) -> list[str]:
    return [" ".join(draw.choices(WORDS, k=draw.randint(3, 8))) for _ in range(count)]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """One small artefact of every format, written by the recipe's own functions."""
    folder = tmp_path_factory.mktemp("artefacts")
    draw, generator = random.Random(1), np.random.default_rng(1)
    said = sentences(draw, len(NAMES))
    samples = generator.integers(-9000, 9000, 24 * 16_000).astype(np.int16)
    soundfile.write(folder / "talk.sph", samples, 16_000, format="NIST", subtype="PCM_16", endian="LITTLE")
    lines = [f"talk 1 someone {2 * n:.2f} {2 * n + 2:.2f} <NA> {words}\n" for n, words in enumerate(said)]
    (folder / "talk.stm").write_text("".join(lines))
    entries = [f"{word} {draw.choice(PHONES)}\n" for word in sorted(set(WORDS))]
    for name in ("words.dic", "pronunciations.txt"):
        (folder / name).write_text("".join(entries))
    (folder / "lexicon.txt").write_text("".join(f"{line.rstrip()}#\n" for line in entries))
    labels = sorted({label for line in entries for label in f"{line.rstrip()}#".split()[1:]} | {"AE", "AO", "IH"})
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in [*labels, "<blank>"]))
    (folder / "prior.txt").write_text("".join(f"{value:.9g}\n" for value in np.linspace(-5, -1, len(labels) + 1)))
    text = "".join(f"{line} </s>\n" for line in sentences(draw, 300))
    (folder / "text.en.gz").write_bytes(gzip.compress(text.encode()))
    write_segments(folder / "segments.xml.gz", [segment(n, words) for n, words in enumerate(said)], "dev")
    write_arrays(folder, generator)
    text, arpa, binary = (str(folder / name) for name in ("text.en.gz", "lm.arpa.gz", "lm.bin"))
    estimate(text, arpa, NgramConfig(order=2, discount_fallback=True), 0.1, str(folder))
    build_binary(arpa, binary, str(folder))
    times_s = tuple((0.1 * n, 0.1 * n + 0.1) for n in range(3))
    write_hypotheses(str(folder / "hypotheses.json"), {name: Hypothesis("a b c", -3.0, times_s) for name in NAMES})
    utterances = [UtteranceErrors(name, 10 + n, n % 3, 1, n % 2) for n, name in enumerate(NAMES)]
    write_utterances(str(folder / "utterances.tsv"), utterances)
    write_score(folder / "score.json", summary(utterances))
    shares = {"blank_share": 0.5, "deletion_share": 0.2, "label_error_percent": 25.0}
    write_learned(folder / "learned.json", Learned(learned=True, loss=0.8, priors_loss=3.8, utterances=100, **shares))
    train_sentencepiece(folder / "talk.stm", SentencePieceLabels(size=40), folder / "sentencepiece.model")
    train_g2p(read_pronunciations(folder / "pronunciations.txt"), folder / "g2p.fst")
    return folder


def write_arrays(folder: Path, generator: np.random.Generator):
    with HdfWriter(folder / "features.hdf", 80) as features:
        for name in NAMES:
            features.append(name, generator.normal(size=(150, 80)))
    with HdfWriter(folder / "targets.hdf", 79, sparse=True) as targets:
        for name in NAMES:
            targets.append(name, generator.integers(0, 79, 20))
    with HdfWriter(folder / "emissions.hdf", 79) as emissions:
        for name in NAMES:
            emissions.append(name, np.log(generator.dirichlet(np.ones(79), size=50)))
    state = {f"layer.{n}.weight": torch.from_numpy(generator.normal(size=(40, 50))) for n in range(4)}
    save_state(state, folder / "model.pt")
    words = shared_words(WORDS)
    keys = [np.arange(len(words)), np.arange(200)]
    levels = [Level(keys=k, prob=np.float32(0.1 + 0 * k), backoff=np.float32(1.0 + 0 * k)) for k in keys]
    NgramTable(words=words, levels=levels).save(str(folder / "table"))


def speech(path: Path) -> list:
    recording_seconds(path)
    wanted = [Segment(name, path.name, 2.0 * n, 2.0 * n + 2, "s", "w") for n, name in enumerate(NAMES)]
    return [(segment.name, samples.tolist()) for segment, samples in read_samples(path.parent, iter(wanted), 16_000)]


def hdf(path: Path) -> list:
    """As a training reads it: names against those of the other file, then the values."""
    other = path.with_name({"features.hdf": "targets.hdf", "targets.hdf": "features.hdf"}[path.name])
    features, targets = (path, other) if path.name == "features.hdf" else (other, path)
    names = segments_of([str(features)], str(targets)).labelled
    return sorted((name, values.tolist()) for name, values in HdfReader(path).items() if name in names)


def emissions(path: Path) -> list:
    """As a search reads them: segment by segment."""
    with HdfReader(path) as stored:
        assert list(stored) == NAMES
        return [stored[name].tolist() for name in NAMES]


def lm_text(path: Path) -> str:
    write_text([str(path)], str(path.with_name("text.txt")))
    return path.with_name("text.txt").read_text()


def kenlm_binary(path: Path) -> bytes:
    target = path.with_name("again.bin")
    target.unlink(missing_ok=True)
    build_binary(str(path), str(target), str(path.parent))
    return target.read_bytes()


def prior(path: Path) -> list:
    return read_log_prior(str(path), len(read_labels(str(path.with_name("labels.txt"))))).tolist()


def scores(path: Path) -> list:
    """As the tables read them: the counts of the two files against each other."""
    scored = ScoredSystem(
        system=Float(),
        part="dev",
        scale_mode="tuned",
        score=tk.Path(str(path.with_name("score.json"))),
        utterances=tk.Path(str(path.with_name("utterances.tsv"))),
        lm_scale=2.0,
        prior_scale=0.3,
    )
    result = load(scored)
    return [result.ids, result.words.tolist(), result.errors.tolist(), result.wer_percent, result.interval95_percent]


STAGES = [
    Stage("talk.sph", speech, flips=5),
    Stage("talk.stm", lambda path: list(read_stm(path))),
    Stage("words.dic", read_dictionary),
    Stage("pronunciations.txt", read_pronunciations),
    Stage("text.en.gz", lm_text, checked=True),
    Stage("segments.xml.gz", lambda path: list(read_segments(path)), checked=True),
    Stage("features.hdf", hdf, checked=True),
    Stage("targets.hdf", hdf, checked=True),
    Stage("labels.txt", read_labels),
    Stage("lexicon.txt", lambda path: read_lexicon(path, read_labels(path.with_name("labels.txt")))),
    Stage("model.pt", lambda path: {k: v.tolist() for k, v in read_checkpoint(path).items()}, checked=True),
    Stage("lm.arpa.gz", kenlm_binary, checked=True, flips=8),
    Stage("lm.bin", lambda path: perplexity(str(path), str(path.with_name("text.en.gz"))), flips=0),
    Stage("table/words.txt", lambda path: NgramTable.load(str(path.parent)).words, flips=0),
    Stage("table/2.prob.npy", lambda path: NgramTable.load(str(path.parent)).levels[1].prob.tolist(), flips=0),
    Stage("emissions.hdf", emissions, checked=True),
    Stage("hypotheses.json", lambda path: read_hypotheses(str(path))),
    Stage("prior.txt", prior),
    Stage("score.json", scores),
    Stage("utterances.tsv", scores),
    Stage("learned.json", read_learned),
    Stage("sentencepiece.model", lambda path: SentencePieceSpeller(path).inventory, flips=0),
    Stage("g2p.fst", lambda path: apply_g2p(["cats"], path), flips=0),
]


@pytest.fixture(scope="module", autouse=True)
def told():
    yield
    print(f"\n{sum(OUTCOMES.values())} damages: {dict(OUTCOMES)}")


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.file)
def test_damage_is_told_or_has_no_effect(made, stage):
    path = made / stage.file
    content = path.read_bytes()
    whole = stage.read(path)
    try:
        for name, damaged in damages(stage, content):
            path.write_bytes(damaged)
            outcome = outcome_of(stage, path, whole)
            OUTCOMES[outcome] += 1
            silent = outcome == "another result" and not (name.startswith("bit") and not stage.checked)
            assert not silent, f"{stage.file}, {name}: read as if it were whole"
    finally:
        path.write_bytes(content)
    assert stage.read(path) == whole


def damages(stage: Stage, content: bytes):
    draw = random.Random(stage.file)
    yield "empty", b""
    for share in (0.5, draw.uniform(0.1, 0.9)):
        end = int(share * len(content))
        while content[end - 1 : end] == b"\n":  # a text cut between lines is whole to look at
            end += 1
        yield f"cut to {end} bytes", content[:end]
    yield "without its last byte", content[:-1]
    for _ in range(stage.flips):
        place, bit = draw.randrange(len(content)), draw.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        yield f"bit {bit} of byte {place}", bytes(damaged)


def outcome_of(stage: Stage, path: Path, whole: object) -> str:
    try:
        return "no effect" if stage.read(path) == whole else "another result"
    except InputError as error:
        sentence = str(error)
        assert Path(stage.file).name in sentence or path.parent.name in sentence, sentence
        return "refused"
