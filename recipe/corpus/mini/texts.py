"""Which sentences a part of the corpus may hold, and the texts of the language model."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from recipe.corpus.config import MiniCorpusConfig
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.stm import split_apostrophes
from recipe.files import open_text

# The six texts of TED-LIUM release 2: each prefers other topics, in other amounts, so that a mixture can be weighted.
LM_FILES = {
    "commoncrawl-9pc": (0.30, ()),
    "europarl-v7-6pc": (0.10, ("justice", "money")),
    "giga-fren-4pc": (0.15, ("health", "energy", "justice")),
    "news-18pc": (0.20, ("money", "justice", "city", "health")),
    "news-commentary-v8-9pc": (0.05, ("money", "energy", "machine")),
    "yandex-1m-31pc": (0.20, ("machine", "music", "food", "school", "city")),
}


def part_of_sentence(sentence: str, seed: int) -> str:
    """The only part that may hold this sentence: dev or test for an eighth each, else train (and LM texts).

    Drawn from the words themselves, so any number of workers agree without talking to each other.
    """
    byte = hashlib.sha256(f"{seed} {sentence}".encode()).digest()[0]
    return {0: "dev", 1: "test"}.get(byte % 8, "train")


def draw_sentence(part: str, seed: int, topic: str, draw: random.Random, start: str = "sentence") -> str:
    """A sentence that belongs to `part`."""
    while True:
        sentence = load_grammar().sentence(topic, draw, start)
        if part_of_sentence(sentence, seed) == part:
            return sentence


def lm_sentences(name: str, config: MiniCorpusConfig) -> Iterator[str]:
    """Sentences of one LM file, none of which dev or test holds; four of five are on the file's own topics."""
    share, preferred = LM_FILES[name]
    topics = load_grammar().topics
    draw = random.Random(f"{config.seed}/LM/{name}")
    for _ in range(round(share * config.lm_sentences)):
        topic = draw.choice(preferred if preferred and draw.random() < 0.8 else topics)
        yield split_apostrophes(draw_sentence("train", config.seed, topic, draw))


def write_lm_texts(directory: Path, config: MiniCorpusConfig) -> None:
    """`<directory>/<name>.en.gz`: a sentence per line with the sentence end that the published texts carry."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in LM_FILES:
        with open_text(directory / f"{name}.en.gz", "wt") as file:
            file.writelines(f"{sentence} </s>\n" for sentence in lm_sentences(name, config))
