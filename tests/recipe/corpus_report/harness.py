"""A small corpus with sound like speech, to break in one place at a time, and its report without a job engine."""

import gzip
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from recipe.corpus.config import PUBLISHED_RULES, SegmentPadding, StmRules
from recipe.corpus.layout import PARTS, lm_text_paths
from recipe.corpus.segmentation import segment_part
from recipe.corpus_report.findings import OK, Finding
from recipe.corpus_report.known_words import known_words
from recipe.corpus_report.limits import CorpusLimits
from recipe.corpus_report.report import CorpusFiles, CorpusReport, corpus_report
from recipe.corpus_report.segment_checks import LabelCounts, OutputFrames
from recipe.features.config import LogMelConfig
from recipe.formats.labels import write_labels
from recipe.formats.lexicon import write_lexicon
from recipe.formats.segments import read_segments
from recipe.lexicon.dictionary import find_oov, read_dictionary
from recipe.lexicon.labels import PhonemeLabels
from recipe.lexicon.ruled import ruled

RATE_HZ = 16_000
TALKS = {"train": ("Anna", "Bert", "Cleo", "Dora"), "dev": ("Emil", "Fred"), "test": ("Gert", "Hans")}
SEGMENTS = 5
SEGMENT_S, GAP_S = 3.0, 0.6
LETTERS = {"a": "AE", "d": "D", "k": "K", "l": "L", "o": "OW", "s": "S", "t": "T", "u": "UW"}
WORDS = [a + b + c for a in "dklst" for b in "aou" for c in "dklst"]
CONTRACTIONS = {"don": "D OW N", "can": "K AE N", "it": "IH T", "'t": "T", "'s": "S"}


def sentence(draw: random.Random) -> str:
    """Eight words, one of them a contraction of two tokens."""
    words = draw.choices(WORDS, k=7)
    words.insert(draw.randrange(7), draw.choice(("don 't", "can 't", "it 's")))
    return " ".join(words)


def speech(seconds: float, draw: np.random.Generator) -> np.ndarray:
    """Syllables of voiced pulses [N] with a falling spectrum, as quiet between them as breath."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch_hz = draw.uniform(90, 220)
    voiced = sum(np.sin(2 * np.pi * n * pitch_hz * time_s) / n for n in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * draw.uniform(3, 5) * time_s), 0, 1)
    return 0.05 * voiced * syllables


def write_sound(path: Path, samples: np.ndarray) -> None:
    """As 16-bit SPHERE."""
    pcm = np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)
    soundfile.write(path, pcm, RATE_HZ, format="NIST", subtype="PCM_16", endian="LITTLE")


def read_sound(path: Path) -> np.ndarray:
    """[N] int16."""
    return soundfile.read(path, dtype="int16")[0]


def write_corpus(root: Path, seed: int = 0) -> Path:
    """Eight talks of five segments, a dictionary that has all of their words, one LM text."""
    draw, generator = random.Random(seed), np.random.default_rng(seed)
    for part in PARTS:
        for kind in ("sph", "stm"):
            (root / part / kind).mkdir(parents=True)
        for talk in TALKS[part]:
            samples = [generator.normal(0, 0.002, round(GAP_S * draw.uniform(1, 2) * RATE_HZ))]
            lines = []
            for _ in range(SEGMENTS):
                start_s = sum(map(len, samples)) / RATE_HZ
                samples += [speech(SEGMENT_S, generator), np.zeros(round(GAP_S * draw.uniform(1, 2) * RATE_HZ))]
                lines.append(f"{talk} 1 {talk} {start_s:.2f} {start_s + SEGMENT_S:.2f} <NA> {sentence(draw)}\n")
            sound = np.concatenate(samples)
            write_sound(root / part / "sph" / f"{talk}.sph", sound + generator.normal(0, 0.001, len(sound)))
            (root / part / "stm" / f"{talk}.stm").write_text("".join(lines))
    (root / "LM").mkdir()
    write_lm_text(root, [sentence(draw) for _ in range(300)])
    entries = [f"{word} {' '.join(LETTERS[letter] for letter in word)}" for word in WORDS]
    entries += [f"{word} {phones}" for word, phones in CONTRACTIONS.items()]
    write_dictionary(root, entries)
    return root


def write_lm_text(root: Path, sentences: Sequence[str], name: str = "news") -> None:
    (root / "LM" / f"{name}.en.gz").write_bytes(gzip.compress("".join(f"{one} </s>\n" for one in sentences).encode()))


def lm_text(root: Path, name: str = "news") -> list[str]:
    text = gzip.decompress((root / "LM" / f"{name}.en.gz").read_bytes()).decode()
    return [line.removesuffix(" </s>") for line in text.splitlines()]


def write_dictionary(root: Path, entries: Sequence[str]) -> None:
    (root / "words.dic").write_text("".join(f"{entry}\n" for entry in entries))


def dictionary(root: Path) -> list[str]:
    return (root / "words.dic").read_text().splitlines()


def texts(root: Path, part: str) -> list[str]:
    """The transcripts of a part."""
    return [line.split(maxsplit=6)[6].strip() for path in stms(root, part) for line in path.read_text().splitlines()]


def stms(root: Path, part: str) -> list[Path]:
    return sorted((root / part / "stm").glob("*.stm"))


def edit(path: Path, old: str, new: str, count: int = -1) -> None:
    """Replace in a text."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def edit_text(path: Path, change) -> None:
    """Change the text field of each line of a transcript."""
    lines = [line.split(maxsplit=6) for line in path.read_text().splitlines()]
    path.write_text("".join(f"{' '.join(fields[:6])} {change(fields[6])}\n" for fields in lines))


def report_of(root: Path, rules: StmRules = PUBLISHED_RULES, g2p: bool = False) -> CorpusReport:
    """The report of a directory in the layout of release 2; unknown training words get some pronunciation.

    :param g2p: whether these may enter the search lexicon
    """
    work = root.parent / f"{root.name}.made"
    work.mkdir(exist_ok=True)
    segments = {}
    for part in PARTS:
        files = [str(work / f"{part}.{name}") for name in ("xml.gz", "txt", "stm", "json")]
        segment_part(root, part, SegmentPadding() if part == PARTS.train else None, rules, *files)
        segments[part] = list(read_segments(files[0]))
    [given] = root.glob("*.dic")
    words = ruled(read_dictionary(given), rules.text)
    unknown = find_oov((one.words for one in segments["train"]), words)
    vocabulary = words | {word: [("AH",)] for word in unknown}
    labels = PhonemeLabels()
    entries = [(word, labels.spell(phones)) for word, variants in vocabulary.items() for phones in variants]
    write_lexicon(work / "lexicon.txt", entries)
    write_labels(work / "labels.txt", labels.inventory)
    return corpus_report(
        CorpusFiles(
            root=str(root),
            statistics={part: str(work / f"{part}.json") for part in PARTS},
            transcripts={part: str(root / part / "stm") for part in PARTS},
            dictionary=given.name,
            lm_texts=[str(path) for path in lm_text_paths(root)],
        ),
        segments,
        known_words(words, vocabulary if g2p else words, vocabulary),
        LabelCounts(str(work / "lexicon.txt"), str(work / "labels.txt")),
        OutputFrames(features=LogMelConfig(), time_reduction=4),
        rules.text,
    )


def odd(report: CorpusReport, limits: CorpusLimits | None = None) -> dict[tuple[str, str], Finding]:
    """The findings with a warning or a stop, by limit and place (a file by its name); the largest of each."""
    found: dict[tuple[str, str], Finding] = {}
    for one in report.findings:
        key = one.check, Path(one.where).name
        if one.verdict(limits or CorpusLimits()) != OK and one.count > getattr(found.get(key), "count", 0):
            found[key] = one
    return found
