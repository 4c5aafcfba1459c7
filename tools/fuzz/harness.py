"""Runs a reader on random files until it ends in anything but an InputError."""

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

from recipe.errors import InputError

DEFAULTS = ["-timeout=30", "-rss_limit_mb=2048", "-len_control=0", "-max_len=4096"]


def fuzz(read: Callable[[Path, bytes], None], seeds: Iterable[bytes]) -> None:
    """Read files from the folder of the command line and changes of them, until the time of its options is over.

    :param read: given a scratch folder and the content of a file; may raise InputError
    :param seeds: what the folder holds at first
    """
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in map(Path, folders[:1]):
        if not folder.exists():
            folder.mkdir(parents=True)
            for number, seed in enumerate(seeds):
                (folder / f"seed-{number}").write_bytes(seed)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:

        def test_one(content: bytes) -> None:
            try:
                read(Path(scratch), content)
            except InputError as error:
                message = str(error)
                if not message or "\n" in message or len(message) > 2000:
                    raise AssertionError(f"no sentence: {message[:200]!r}") from None

        atheris.Setup([sys.argv[0], *DEFAULTS, *sys.argv[1:]], test_one)
        atheris.Fuzz()
