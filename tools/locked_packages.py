"""Folders under build/ with the packages of one lock file: steps that end with a sentence, and which lock made them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STAMP = "installed.sha256"
"""Written last, into the folder."""


def run(tool: str, what: str, *command: str, **variables: str) -> None:
    """Run a command in the checkout with further environment variables; stop when it fails.

    :param tool: whose step it is; :param what: the step does
    """
    print(f"{tool}: {what}", flush=True)
    if subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode != 0:
        sys.exit(f"{tool}: that step failed; its messages are above (the step was: {what})")


def holds(folder: Path, lock: Path) -> bool:
    """Whether a folder was made from the present lock."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text().strip() == _digest(lock)


def note(folder: Path, lock: Path) -> None:
    """Say that a folder was made from a lock."""
    (folder / STAMP).write_text(_digest(lock) + "\n")


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
