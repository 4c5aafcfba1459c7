"""Grapheme-to-phoneme conversion with Phonetisaurus: joint n-grams over aligned letters and phones.

The paper uses Sequitur, which cannot be trained with its current package (docs/deviations.md); it learns joint n-grams
too.
"""

import platform
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from recipe.errors import InputError
from recipe.files import written_aside
from recipe.lexicon.dictionary import Pronunciations
from recipe.lexicon.labels import PHONES

NGRAM_ORDER = 8
_RESERVED = set("|}_\t")


def _run(tool: str, *arguments: str) -> str:
    """Run a binary of the package; return what it prints."""
    import phonetisaurus

    package = Path(phonetisaurus.__file__).parent
    binary = package / "bin" / platform.machine() / tool
    if not binary.is_file():
        raise InputError(f"phonetisaurus has no {tool} for {platform.machine()}; run the G2P jobs on x86_64")
    environment = {"LD_LIBRARY_PATH": str(package / "lib" / platform.machine()), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([str(binary), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def train_g2p(words: Pronunciations, model: str | Path) -> None:
    """Train on the first pronunciation of every word, in lower case; write the model (a transducer) to `model`."""
    with tempfile.TemporaryDirectory() as folder:
        entries, corpus, arpa = (str(Path(folder) / name) for name in ("entries.txt", "corpus.txt", "model.arpa"))
        with open(entries, "w", encoding="utf-8") as file:
            for word, (first, *_) in sorted(words.items()):
                if not _RESERVED & set(word):
                    file.write(f"{word.lower()}\t{' '.join(first)}\n")
        # Letters may not be dropped, phones may: the settings of Phonetisaurus' own training script.
        _run("phonetisaurus-align", f"--input={entries}", f"--ofile={corpus}", "--seq1_del=false", "--seq2_del=true")
        with open(corpus, encoding="utf-8") as file:
            longest = max((len(line.split()) for line in file), default=0)
        if not longest:
            raise InputError(
                "no dictionary entry can be aligned with its letters; G2P needs ordinary words to learn from"
            )
        # estimate-ngram fails on orders that no entry is long enough for.
        _run("estimate-ngram", "-o", str(min(NGRAM_ORDER, longest + 1)), "-t", corpus, "-wl", arpa)
        with written_aside(model) as path:
            _run("phonetisaurus-arpa2wfst", f"--lm={arpa}", f"--ofile={path}")


def apply_g2p(words: Iterable[str], model: str | Path) -> Pronunciations:
    """The best pronunciation of each word. Raises InputError naming the words that get none."""
    words = list(words)
    if not words:
        return {}
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.writelines(f"{word.lower()}\n" for word in words)
        file.flush()
        try:
            printed = _run("phonetisaurus-g2pfst", f"--model={model}", f"--wordlist={file.name}", "--nbest=1")
        except RuntimeError as error:
            raise InputError(f"{model} does not work as a G2P model ({error}); train it again") from None
    found = {}
    for line in printed.splitlines():
        word, _, phones = line.split("\t")
        if phones.split() and set(phones.split()) <= set(PHONES):
            found[word] = [tuple(phones.split())]
    missing = [word for word in words if word.lower() not in found]
    if missing:
        raise InputError(
            f"no pronunciation can be derived for {', '.join(missing[:10])} ({len(missing)} word(s)); add them to the "
            "dictionary or mend the transcripts"
        )
    return {word: found[word.lower()] for word in words}
