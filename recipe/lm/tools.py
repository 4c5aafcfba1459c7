"""Find and run the programs of KenLM."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from recipe.errors import InputError


def kenlm_tool(name: str) -> str:
    """Path of a KenLM program: in gs.KENLM_BIN_DIR if set, else next to this Python, else on the PATH.

    :raises InputError: when it is in none of them
    """
    folder = configured_folder()
    if folder:
        found = shutil.which(name, path=os.fspath(folder))
    else:
        found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        where = f"in {folder} (KENLM_BIN_DIR)" if folder else f"beside {sys.executable} or on the PATH"
        raise InputError(f"KenLM's {name} is not {where}; run tools/kenlm/build.py with the Python of the environment")
    return found


def configured_folder() -> str | None:
    """gs.KENLM_BIN_DIR of the engine; None where it is not set or there is no engine."""
    try:
        from sisyphus import gs
    except ImportError:  # these functions work without an engine
        return None
    return getattr(gs, "KENLM_BIN_DIR", None)


class ToolError(RuntimeError):
    """A KenLM program failed; `log` is all that it printed."""

    def __init__(self, name: str, log: str):
        self.log = log
        super().__init__(f"{name} failed: {last_line(log)}")


def last_line(log: str) -> str:
    """The last informative line; KenLM prints a bare ERROR after the reason."""
    lines = [line.strip() for line in log.splitlines() if line.strip() not in ("", "ERROR")]
    return lines[-1] if lines else "it printed nothing"


def run_tool(command: list[str]) -> str:
    """Run a program without input; return what it printed.

    :raises ToolError: when it fails
    """
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    if result.returncode != 0:
        raise ToolError(Path(command[0]).name, result.stdout)
    return result.stdout
