import random

from recipe.corpus.layout import PARTS
from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.mini.texts import LM_FILES, draw_sentence, lm_sentences, write_lm_texts
from recipe.corpus.stm import split_apostrophes
from recipe.files import open_text


def drawn(part, count=1500, seed=1):
    draw = random.Random(part)
    return {split_apostrophes(draw_sentence(part, seed, "brain", draw)) for _ in range(count)}


def test_no_sentence_belongs_to_two_parts():
    parts = [drawn(part) for part in PARTS]
    lm = {sentence for name in LM_FILES for sentence in lm_sentences(name, tiny_corpus())}
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert not lm & parts[1] and not lm & parts[2]
    assert lm & {sentence for topic in range(1) for sentence in drawn("train", 20_000)}  # the check can fail


def test_lm_files(tmp_path):
    write_lm_texts(tmp_path / "LM", tiny_corpus())
    lines = {}
    for path in sorted((tmp_path / "LM").iterdir()):
        with open_text(path) as file:
            lines[path.name] = file.read().splitlines()
    assert sorted(lines) == sorted(f"{name}.en.gz" for name in LM_FILES)
    assert sum(map(len, lines.values())) == tiny_corpus().lm_sentences
    assert all(line.endswith(" </s>") for some in lines.values() for line in some)

    def share(name, word):
        return sum(word in line.split() for line in lines[name]) / len(lines[name])

    assert share("europarl-v7-6pc.en.gz", "parliament") > 2 * share("yandex-1m-31pc.en.gz", "parliament")
