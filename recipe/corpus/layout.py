"""What a directory in the layout of TED-LIUM release 2 holds, and whether it is all there."""

from itertools import islice
from pathlib import Path

from recipe.corpus.protocol import Parts
from recipe.errors import InputError
from recipe.given_audio import RecordingInputError, audio_info, require_whole
from recipe.given_text import SENTENCES, GivenText
from recipe.names import checked_name

PARTS = Parts(train="train", dev="dev", tests=("test",))
"""The parts of release 2."""
SAMPLE_RATE_HZ = 16_000
LOOKED_AT_LINES = 1_000_000
"""Of an LM text, while a graph is built."""


def dictionary_path(root: Path) -> Path:
    """The pronunciation dictionary: `root` itself if it is a file, else its one *.dic.

    :raises InputError: when the directory holds none or more than one
    """
    if root.is_file():
        return root
    found = sorted(root.glob("*.dic"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise InputError(
            f"{root}: found {names} where exactly one *.dic belongs; put the pronunciation dictionary there"
        )
    return found[0]


def lm_text_paths(root: Path) -> list[Path]:
    """LM/*.en.gz, sorted by name.

    :raises InputError: when there is none
    """
    found = sorted((root / "LM").glob("*.en.gz"))
    if not found:
        raise InputError(f"{root / 'LM'}: no *.en.gz there; put the language model's texts into it")
    for path in found:
        checked_name(path.name, "the LM text", str(path.parent))
    return found


def check_lm_text(path: Path) -> None:
    """Read to the first word, which must be among the first LOOKED_AT_LINES lines.

    :raises InputError: when there is none, or the file is not a gzip-compressed text (recipe/given_text.py)
    """
    if not any(line.strip() for line in islice(GivenText(path, SENTENCES), LOOKED_AT_LINES)):
        raise InputError(f"{path}: the LM text holds no words at its start; give a text with a sentence per line")


def check_part(root: Path, part: str) -> None:
    """Whether `<root>/<part>/{sph,stm}` hold at least one file each.

    :raises InputError: when they do not, or the part is none of release 2
    """
    if part not in PARTS:
        raise InputError(f"part is {part!r}; it must be one of {', '.join(PARTS)}")
    for kind in ("sph", "stm"):
        folder = root / part / kind
        if not folder.is_dir():
            raise InputError(f"{folder} is not a directory; TED-LIUM release 2 keeps its .{kind} files there")
        if next(folder.glob(f"*.{kind}"), None) is None:
            raise InputError(f"{folder} holds no .{kind} file; unpack the corpus completely")


def check_layout(root: str | Path) -> None:
    """Quick check of a corpus directory before anything is computed.

    :raises InputError: for the first gap
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(
            f"{root} is not a directory; give the root of TED-LIUM release 2 (with {', '.join(PARTS)}, LM)"
        )
    for part in PARTS:
        check_part(root, part)
    dictionary_path(root)
    for path in lm_text_paths(root):
        check_lm_text(path)


def recording_seconds(path: Path) -> float:
    """Length of a recording in seconds, from its header alone.

    :raises RecordingInputError: when it is not audio, or shorter than its header says
    :raises InputError: when it does not exist, is no file, is compressed as SPHERE, or is not 16 kHz and mono
    """
    info = audio_info(path)
    if info.samplerate != SAMPLE_RATE_HZ or info.channels != 1:
        raise InputError(f"{path} has {info.samplerate} Hz and {info.channels} channel(s); convert it to 16000 Hz mono")
    require_whole(path, info)
    if not info.frames:
        raise RecordingInputError(f"{path} holds no samples; fetch it again")
    return info.frames / info.samplerate
