"""Estimating an n-gram model and turning it into KenLM's binary form."""

import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from recipe.errors import InputError
from recipe.files import open_text, written_aside
from recipe.lm.config import NgramConfig
from recipe.lm.text import read_lines
from recipe.lm.tools import ToolError, kenlm_tool, run_tool


def vocabulary_words(path: str) -> list[str]:
    """First column of a word list, a pronunciation file or a decoder lexicon: each word once, without `[...]` marks."""
    words = (line.split(maxsplit=1)[0] for line in read_lines(path) if line.strip())
    return [word for word in dict.fromkeys(words) if not word.startswith("[")]


def lmplz_command(config: NgramConfig, memory_gb: float, folder: str, vocabulary_file: str | None) -> list[str]:
    command = [kenlm_tool("lmplz"), "-S", f"{round(memory_gb * 1024)}M", "-T", folder + "/"]
    command += ["--order", str(config.order)]
    command += ["--skip_symbols"]  # a sentence mark inside a line counts as white space
    if config.prune:
        command += ["--prune", *map(str, config.prune)]
    if config.discount_fallback:
        command += ["--discount_fallback"]
    if vocabulary_file is not None:
        command += ["--limit_vocab_file", vocabulary_file]
    return command


def feed(text: str, pipe: BinaryIO):
    """Write the text into the pipe; a reader that ended early tells why itself."""
    try:
        with pipe, open_text(text) as source:
            for line in source:
                pipe.write(line.encode("utf-8"))
    except BrokenPipeError:
        pass


def estimate(text: str, target: str, config: NgramConfig, memory_gb: float, vocabulary: str | None = None) -> str:
    """Estimate an ARPA model (compressed if `target` ends in .gz); return lmplz's log.

    :raises InputError: when the text is too small for the discounts and no fallback is configured.
    """
    with tempfile.TemporaryDirectory(dir=Path(target).parent, prefix=".lmplz-") as folder:
        vocabulary_file = None
        if vocabulary is not None:
            vocabulary_file = str(Path(folder, "vocabulary.txt"))
            Path(vocabulary_file).write_text("\n".join(vocabulary_words(vocabulary)) + "\n", encoding="utf-8")
        command = lmplz_command(config, memory_gb, folder, vocabulary_file)
        arpa, log_file = Path(folder, "lm.arpa"), Path(folder, "log")
        with open(arpa, "wb") as out, open(log_file, "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=log)
            feeder = threading.Thread(target=feed, args=(text, process.stdin), daemon=True)
            feeder.start()
            process.wait()
            feeder.join()
        printed = log_file.read_text(errors="replace")
        if process.returncode != 0:
            raise explained(ToolError("lmplz", printed), text)
        with open(arpa, encoding="utf-8", newline="\n") as source, open_text(target, "wt") as out:
            shutil.copyfileobj(source, out)
    return printed


def explained(error: ToolError, text: str) -> Exception:
    """The person's sentence for the failures that have one."""
    if "discount" in error.log:
        return InputError(
            f"{text}: too small or too regular a text for Kneser-Ney discounts; give more text or set "
            "NgramConfig(discount_fallback=True)"
        )
    return error


def build_binary(arpa: str, target: str):
    """Turn an ARPA model into KenLM's binary form (probing hash table, the default and the fastest)."""
    with tempfile.TemporaryDirectory(dir=Path(target).parent, prefix=".build_binary-") as folder:
        plain = Path(folder, "lm.arpa")
        with open_text(arpa) as source, open(plain, "w", encoding="utf-8", newline="\n") as out:
            shutil.copyfileobj(source, out)
        with written_aside(target) as scratch:
            run_tool([kenlm_tool("build_binary"), "-T", folder + "/", str(plain), str(scratch)])
