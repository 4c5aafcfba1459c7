"""One modified Kneser-Ney model of a source text over a closed vocabulary that several sources share.

Words outside it count as the unknown word, which is estimated like any other (SRILM's -unk). Every word of the
vocabulary gets a probability in every model: words that a source does not contain get what lmplz gives to unseen words.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recipe.errors import InputError
from recipe.lm.config import NgramConfig
from recipe.lm.estimate import explained, lmplz_command, run_lmplz
from recipe.lm.table import BEGIN_ID, BLOCK, SPECIALS, UNKNOWN, UNKNOWN_ID, Level, NgramTable, find
from recipe.lm.text import sentences_of
from recipe.lm.tools import ToolError

OUTSIDE = "<outside>"  # lmplz does not accept its own <unk> in a text


def estimate_source(text: str, words: list[str], config: NgramConfig, memory_gb: float, scratch: str) -> NgramTable:
    """Estimate a model of a text.

    :param words: shared vocabulary (table.shared_words)
    :param scratch: folder for intermediate files; a repeated run overwrites them, and they are removed at the end
    :raises InputError: when the text is unreadable, or too small for the discounts and no fallback is configured
    """
    base = Path(scratch, "source")
    command = lmplz_command(config, memory_gb, scratch, None)
    command += ["--intermediate", str(base), "--vocab_pad", str(len(words) - 1)]  # every word except <s> can follow
    try:
        print(run_lmplz(command, closed_lines(text, set(words[len(SPECIALS) :])), Path(scratch, "stdout")))
    except ToolError as error:
        raise explained(error, text) from None
    table = read_intermediate(base, words)
    for path in [Path(scratch, "stdout"), *Path(scratch).glob("source.*")]:
        path.unlink()
    return table


def closed_lines(text: str, words: set[str]) -> Iterator[str]:
    """Sentences with OUTSIDE for each word outside the vocabulary."""
    for sentence in sentences_of(text):
        yield " ".join(word if word in words else OUTSIDE for word in sentence.split()) + "\n"


def read_intermediate(base: Path, words: list[str]) -> NgramTable:
    """Read the files that `lmplz --intermediate` writes: per n-gram, n word numbers, log10 probability, log10 back-off.

    :raises InputError: when another version of KenLM wrote them
    """
    header = base.with_name(base.name + ".kenlm_intermediate").read_text().split("\n")
    if header[0] != "KenLM intermediate binary file" or header[2] != "Payload pb":
        raise InputError(f"{base}: not what this KenLM is known to write; build the tools with tools/kenlm/build.py")
    ids = {word: number for number, word in enumerate(words)} | {OUTSIDE: UNKNOWN_ID, UNKNOWN: -1}
    listed = base.with_name(base.name + ".vocab").read_bytes().decode("utf-8").split("\0")[:-1]
    shared = np.array([ids[word] for word in listed], np.int64)  # -1: lmplz's <unk>, any unseen word
    levels: list[Level] = []
    for n in range(1, len(header[1].split())):
        path = base.with_name(f"{base.name}.{n}")
        records = np.memmap(path, record(n), "r") if path.stat().st_size else np.empty(0, record(n))
        levels.append(unigrams(records, shared, len(words)) if n == 1 else higher(records, shared, levels, len(words)))
    return NgramTable(words=words, levels=levels)


def record(order: int) -> np.dtype:
    """One n-gram in the intermediate files of lmplz."""
    return np.dtype([("words", "<u4", (order,)), ("log10_prob", "<f4"), ("log10_backoff", "<f4")])


def unigrams(records: np.ndarray, shared: np.ndarray, size: int) -> Level:
    """The level of order 1: all words, those that the source does not contain with the probability of lmplz's <unk>.

    :param records: [N] as `record(1)`, words numbered as lmplz does
    :param shared: lmplz's word number -> number in the vocabulary, -1 for its <unk>
    :param size: size of the vocabulary
    """
    number = shared[records["words"][:, 0]]
    unseen = records["log10_prob"][number < 0][0]
    log10_prob, backoff = np.full(size, unseen, np.float32), np.ones(size, np.float32)
    log10_prob[number[number >= 0]] = records["log10_prob"][number >= 0]
    backoff[number[number >= 0]] = 10.0 ** records["log10_backoff"][number >= 0]
    prob = 10.0**log10_prob
    prob[BEGIN_ID] = 0.0  # nothing is followed by a sentence begin
    return Level(keys=np.arange(size), prob=prob, backoff=backoff)


def higher(records: np.ndarray, shared: np.ndarray, levels: list[Level], size: int) -> Level:
    """The next level above `levels`, its n-grams sorted by key.

    :param records: [N] as `record(n)`, words numbered as lmplz does
    :param shared: lmplz's word number -> number in the vocabulary
    :param levels: those of the lower orders
    :param size: size of the vocabulary
    """
    keys = np.empty(len(records), np.int64)
    for start in range(0, len(records), BLOCK):
        words = shared[records["words"][start : start + BLOCK]]  # [block, n]
        index = words[:, 0]
        for level, word in zip(levels[1:], words.T[1:-1], strict=True):
            index = find(level.keys, index * size + word)
        keys[start : start + BLOCK] = index * size + words[:, -1]
    order = np.argsort(keys)
    return Level(
        keys=keys[order],
        prob=10.0 ** records["log10_prob"][order],
        backoff=10.0 ** records["log10_backoff"][order],
    )
