"""Text for a language model: one sentence per line, words apart by one space."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.corpus.text_rule import UNCHANGED, TextRule
from recipe.errors import InputError
from recipe.files import open_text
from recipe.given_text import SENTENCES, GivenText

SENTENCE_BEGIN, SENTENCE_END = "<s>", "</s>"


def read_lines(path: str) -> Iterator[str]:
    """Lines of a text that one of our jobs wrote, gzip-compressed if its name ends in .gz.

    :raises InputError: naming the file where it is not UTF-8 or the compressed data break off.
    """
    number = 0
    try:
        with open_text(path) as file:
            for line in file:
                number += 1
                yield line
    except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{path}: unreadable after line {number} ({error}); run the job that writes it again"
        ) from None


def normalise(line: str) -> str:
    """White space made single; a sentence mark at either end dropped, as public LM texts carry them.

    >>> normalise("it  's\\tso </s>\\n")
    "it 's so"
    """
    words = line.split()
    if words and words[0] == SENTENCE_BEGIN:
        words = words[1:]
    if words and words[-1] == SENTENCE_END:
        words = words[:-1]
    return " ".join(words)


def sentences_of(path: str, rule: TextRule = UNCHANGED) -> Iterator[str]:
    """The normalised lines of a text from outside or of our own under a rule, but the empty ones.

    Lines that no text should hold (recipe/given_text.py) are left out, and their number is printed.

    :raises InputError: as GivenText, with its rules for sentences
    """
    text = GivenText(path, SENTENCES)
    yield from filter(None, (rule.applied(normalise(line)) for line in text))
    if text.left_out:
        print(
            f"left out: {text.left_out:,} lines of {path} with characters or words that no text should hold", flush=True
        )


def text_files(source: str) -> list[str]:
    """The text itself, or in place of a folder its *.en.gz files by name, as in LM/ of TED-LIUM release 2.

    :raises InputError: when the folder holds none, or there is nothing of that name.
    """
    path = Path(source)
    files = sorted(map(str, path.glob("*.en.gz"))) if path.is_dir() else [source]
    if not files or not path.exists():
        what = "no *.en.gz in it" if path.is_dir() else "no such file"
        raise InputError(f"{source}: {what}; give a text with a sentence per line or a folder of such")
    return files


def write_text(sources: Iterable[str], target: str, rule: TextRule = UNCHANGED) -> int:
    """Normalise and join texts into one, without empty lines; return the number of sentences.

    :param sources: texts, or folders of them (see text_files).
    :param rule: how words are written.
    :raises InputError: when a source is missing, unreadable or holds no word at all.
    """
    total = 0
    with open_text(target, "wt") as out:
        for source in (file for given in sources for file in text_files(given)):
            sentences = 0
            for sentence in sentences_of(source, rule):
                out.write(sentence + "\n")
                sentences += 1
            if sentences == 0:
                raise InputError(f"{source}: the LM text holds no words; give a text with a sentence per line")
            total += sentences
    return total
