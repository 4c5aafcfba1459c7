"""Estimate an n-gram model and convert it into KenLM's binary format."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from recipe.errors import InputError
from recipe.files import open_text, written_aside
from recipe.lm.config import NgramConfig
from recipe.lm.text import read_lines
from recipe.lm.tools import ToolError, kenlm_tool, last_line, run_tool


def vocabulary_words(path: str) -> list[str]:
    """First column of a word list, a pronunciation file or a decoder lexicon: each word once, without `[...]` marks."""
    words = (line.split(maxsplit=1)[0] for line in read_lines(path) if line.strip())
    return [word for word in dict.fromkeys(words) if not word.startswith("[")]


def lmplz_command(config: NgramConfig, memory_gb: float, scratch: str, listed: str | None) -> list[str]:
    """lmplz with its options; `listed` is a file with the words to keep."""
    command = [kenlm_tool("lmplz"), "-S", f"{round(memory_gb * 1024)}M", "-T", scratch + "/"]
    command += ["--order", str(config.order)]
    command += ["--skip_symbols"]  # a sentence mark inside a line counts as white space
    if config.prune:
        command += ["--prune", *map(str, config.prune)]
    if config.discount_fallback:
        command += ["--discount_fallback"]
    if listed is not None:
        command += ["--limit_vocab_file", listed]
    return command


def estimate(
    text: str, target: str, config: NgramConfig, memory_gb: float, scratch: str, vocabulary: str | None = None
) -> str:
    """Estimate an ARPA model (compressed if `target` ends in .gz); return lmplz's log.

    :param scratch: folder for intermediate files, which a repeated run overwrites
    :param vocabulary: see vocabulary_words; None keeps all words
    :raises InputError: when the text is unreadable, or too small for the discounts and no fallback is configured
    """
    listed = None
    if vocabulary is not None:
        listed = str(Path(scratch, "vocabulary.txt"))
        Path(listed).write_text("\n".join(vocabulary_words(vocabulary)) + "\n", encoding="utf-8")
    arpa = Path(scratch, "lm.arpa")
    try:
        printed = run_lmplz(lmplz_command(config, memory_gb, scratch, listed), read_lines(text), arpa)
    except ToolError as error:
        raise explained(error, text) from None
    with open_text(arpa) as source, open_text(target, "wt") as out:
        shutil.copyfileobj(source, out)
    arpa.unlink()
    return printed


def run_lmplz(command: list[str], lines: Iterable[str], arpa: Path) -> str:
    """Feed the lines, catch the model in `arpa`; return the log.

    Output and log go to files, so that feeding never blocks on a full output pipe. If reading the text fails, the
    program is killed: it must not estimate from an incomplete text.
    """
    log_path = arpa.with_name("lmplz.log")
    with open(arpa, "wb") as out, open(log_path, "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=log)
        try:
            assert process.stdin is not None  # it is a pipe
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:  # if it ends early, its log says why
                pipe.writelines(line.encode("utf-8") for line in lines)
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
    printed = log_path.read_text(errors="replace")
    if process.returncode != 0:
        raise ToolError("lmplz", printed)
    return printed


def explained(error: ToolError, text: str) -> Exception:
    """The error to raise when lmplz fails: an InputError for a text that is too small, else the failure itself."""
    if "discount" in error.log:
        return InputError(
            f"{text}: too small or too regular a text for Kneser-Ney discounts; give more text or set "
            "NgramConfig(discount_fallback=True)"
        )
    return error


def build_binary(arpa: str, target: str, scratch: str) -> None:
    """Convert an ARPA model into KenLM's binary format (probing hash table, the default and the fastest).

    :raises InputError: when KenLM cannot read the model
    """
    plain = Path(scratch, "plain.arpa")
    with open(plain, "w", encoding="utf-8", newline="\n") as out:
        out.writelines(read_lines(arpa))
    with written_aside(target) as aside:
        try:
            run_tool([kenlm_tool("build_binary"), "-T", scratch + "/", str(plain), str(aside)])
        except ToolError as error:
            raise InputError(f"{arpa}: not a whole ARPA model ({last_line(error.log)}); estimate it again") from None
    plain.unlink()
