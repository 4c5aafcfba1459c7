"""The cost of preparing a corpus of one recording per utterance, as LibriSpeech has 281,241 to train on.

    .venv/bin/python benchmarks/utterance_preparation.py FOLDER                       # 280,000 utterances
    .venv/bin/python benchmarks/utterance_preparation.py FOLDER --utterances 28000    # a tenth, to see what grows

The synthetic corpus is laid out as LibriSpeech, and the same files once more as a Kaldi data directory: 33 words an
utterance, drawn from cmudict by Zipf's law, and links to a FLAC file of noise. Each stage runs as in its job, in a
separate process. Prints one line per stage, the sum, and then all figures as JSON.
"""

import argparse
import functools
import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpus_preparation import apply_g2p, find_oov, lexicon, measured, targets, train_g2p, write_dictionary

WORDS = 33
CHAPTER = 50
CHAPTERS_OF_A_READER = 5
LINKS_OF_A_FILE = 50_000  # file systems bound them


def write_stand_in(root: Path, utterances: int) -> None:
    """Write `<root>/train-clean-100/<reader>/<chapter>/` and a data directory `<root>/kaldi` of the same recordings."""
    import numpy as np
    import soundfile

    (root / "kaldi").mkdir(parents=True)
    words = write_dictionary(root / "words.dic")
    weights = np.cumsum([1 / rank for rank in range(10, len(words) + 10)]).tolist()
    draw = random.Random(0)
    noise = np.random.default_rng(0).normal(0, 2000, 16_000).astype(np.int16)
    with open(root / "kaldi" / "wav.scp", "w") as wav, open(root / "kaldi" / "text", "w") as text:
        with open(root / "kaldi" / "utt2spk", "w") as speakers:
            for first in range(0, utterances, CHAPTER):
                chapter = first // CHAPTER
                reader = 10_000 + chapter // CHAPTERS_OF_A_READER
                folder = root / "train-clean-100" / str(reader) / str(100_000 + chapter)
                folder.mkdir(parents=True)
                if first % LINKS_OF_A_FILE == 0:
                    linked = root / f"noise.{first}.flac"
                    soundfile.write(linked, noise, 16_000)
                with open(folder / f"{reader}-{folder.name}.trans.txt", "w") as transcripts:
                    for number in range(min(CHAPTER, utterances - first)):
                        name = f"{reader}-{folder.name}-{number:04d}"
                        os.link(linked, folder / f"{name}.flac")
                        line = " ".join(draw.choices(words, cum_weights=weights, k=WORDS)).upper()
                        transcripts.write(f"{name} {line}\n")
                        wav.write(f"{name} {folder.relative_to(root)}/{name}.flac\n")
                        text.write(f"{name} {line}\n")
                        speakers.write(f"{name} {reader}\n")


def segment(root: Path, layout: str, out: Path) -> None:
    """Segments, texts and counts, from either layout."""
    from recipe.corpus.kaldi import KaldiSource
    from recipe.corpus.librispeech import LibriSpeechSource
    from recipe.corpus.recordings import AudioRules
    from recipe.corpus.source import Source, segment_source
    from recipe.corpus.text_rule import TextRule

    sources: dict[str, Source] = {
        "librispeech": LibriSpeechSource(subsets=("train-clean-100",)),
        "kaldi": KaldiSource(folder="kaldi"),
    }
    files = (out / name for name in ("segments.xml.gz", "text.txt", "reference.stm", "statistics.json"))
    rule = TextRule(lower_case=True)
    segment_source(root, sources[layout], "train", rule, AudioRules(), None, *map(str, files))


def dictionary(root: Path, out: Path) -> None:
    """The dictionary in the form of the lexicon stage, and its pronunciations."""
    from recipe.corpus.pronunciations import given_entries, write_plain_dictionary
    from recipe.lexicon.dictionary import read_dictionary, write_pronunciations

    write_plain_dictionary(given_entries(root / "words.dic"), str(out / "plain.dic"))
    write_pronunciations(out / "pronunciations.txt", read_dictionary(out / "plain.dic"))


def stages(root: Path, g2p_words: int) -> dict[str, Callable[[Path], None]]:
    """Stages by name, in the order in which they need each other; each takes its output folder."""
    partial = functools.partial
    return {
        "train": partial(segment, root, "librispeech"),
        "dictionary": partial(dictionary, root),
        "oov": find_oov,
        "g2p": partial(train_g2p, g2p_words),
        "vocabulary": apply_g2p,
        "lexicon": lexicon,
        "targets": targets,
        "kaldi": partial(segment, root, "kaldi"),
    }


def main() -> None:
    """Write the synthetic corpus if it is missing, run the stages, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the synthetic corpus and all results")
    parser.add_argument("--utterances", type=int, default=280_000)
    parser.add_argument("--g2p-words", type=int, default=152_000, help="of the dictionary, to train G2P on")
    options = parser.parse_args()
    root = (options.folder / "corpus").absolute()
    if not root.exists():
        write_stand_in(root, options.utterances)
    figures = {}
    for name, work in stages(root, options.g2p_words).items():
        figures[name] = measured(work, options.folder / name)
        print(f"{name:<14}", *(f"{key} {value:>9}" for key, value in figures[name].items()), flush=True)
    once = sum(usage["cpu_s"] for name, usage in figures.items() if name != "kaldi")
    print(f"{options.utterances:,} utterances: {once / 60:.1f} CPU minutes from transcripts to targets")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
