import random
from dataclasses import replace

from recipe.corpus.layout import PARTS
from recipe.corpus.mini.config import MiniCorpusConfig
from recipe.corpus.mini.texts import LM_FILES, draw_sentence, lm_sentences, write_lm_texts
from recipe.corpus.stm import split_apostrophes
from recipe.files import open_text

CONFIG = MiniCorpusConfig(lm_sentences=2_000)


def drawn(part, count=1500, seed=1):
    draw = random.Random(part)
    return {split_apostrophes(draw_sentence(part, seed, "brain", draw)) for _ in range(count)}


def test_no_sentence_belongs_to_two_parts():
    parts = [drawn(part) for part in PARTS]
    lm = {sentence for name in LM_FILES for sentence in lm_sentences(name, CONFIG)}
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert not lm & parts[1] and not lm & parts[2]
    assert lm & {sentence for topic in range(1) for sentence in drawn("train", 20_000)}  # the check can fail


def test_lm_files(tmp_path):
    write_lm_texts(tmp_path / "LM", CONFIG)
    lines = {}
    for path in sorted((tmp_path / "LM").iterdir()):
        with open_text(path) as file:
            lines[path.name] = file.read().splitlines()
    assert sorted(lines) == sorted(f"{name}.en.gz" for name in LM_FILES)
    assert sum(map(len, lines.values())) == CONFIG.lm_sentences
    assert all(line.endswith(" </s>") for some in lines.values() for line in some)

    def share(name, word):
        return sum(word in line.split() for line in lines[name]) / len(lines[name])

    assert share("europarl-v7-6pc.en.gz", "parliament") > 2 * share("yandex-1m-31pc.en.gz", "parliament")


def test_lm_texts_and_dev_sentences_of_a_small_task_differ_but_share_their_words():
    config = replace(CONFIG, sentence_rule="small_sentence")
    lm = {sentence for name in LM_FILES for sentence in lm_sentences(name, config)}
    draw = random.Random(1)
    dev = {split_apostrophes(draw_sentence("dev", 1, "city", draw, "small_sentence")) for _ in range(300)}
    assert len(dev) > 100 and not lm & dev
    assert {word for sentence in dev for word in sentence.split()} <= {word for line in lm for word in line.split()}
