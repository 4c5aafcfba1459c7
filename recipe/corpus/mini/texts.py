"""Which sentences a part of the corpus may hold, and the texts of the language model."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from recipe.corpus.layout import PARTS
from recipe.corpus.mini.config import LM_FILES, MiniCorpusConfig
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.text_rule import split_apostrophes
from recipe.files import open_text


def part_of_sentence(sentence: str, seed: int) -> str:
    """The only part that may hold this sentence: dev and test get an eighth each, train (and LM texts) the rest.

    Decided by a hash of the words, so that workers agree without communicating.
    """
    byte = hashlib.sha256(f"{seed} {sentence}".encode()).digest()[0]
    eighth = byte % 8
    return PARTS.evaluated[eighth] if eighth < len(PARTS.evaluated) else PARTS.train


def draw_sentence(part: str, seed: int, topic: str, draw: random.Random, start: str = "sentence") -> str:
    """Draw until a sentence belongs to `part`."""
    while True:
        sentence = load_grammar().sentence(topic, draw, start)
        if part_of_sentence(sentence, seed) == part:
            return sentence


def lm_sentences(name: str, config: MiniCorpusConfig) -> Iterator[str]:
    """Sentences of one LM file, none of which is in dev or test; four of five are on its preferred topics."""
    share, preferred = LM_FILES[name]
    topics = load_grammar().topics
    draw = random.Random(f"{config.seed}/LM/{name}")
    for _ in range(round(share * config.lm_sentences)):
        topic = draw.choice(preferred if preferred and draw.random() < 0.8 else topics)
        yield split_apostrophes(draw_sentence(PARTS.train, config.seed, topic, draw, config.sentence_rule))


def write_lm_texts(directory: Path, config: MiniCorpusConfig) -> None:
    """Write `<directory>/<name>.en.gz`: a sentence per line, ending in `</s>` like the texts of release 2."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in LM_FILES:
        with open_text(directory / f"{name}.en.gz", "wt") as file:
            file.writelines(f"{sentence} </s>\n" for sentence in lm_sentences(name, config))
