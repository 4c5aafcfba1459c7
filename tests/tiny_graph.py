"""Running `./sis manager` on the tiny graph as a user does, in a directory of its own."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("config", "recipe", "memristor_sim", "setups", "settings.py")


def manager(base: Path, config: str = "config/tiny.py", **environment) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "sis"), "manager", "-r", config]
    return subprocess.run(command, cwd=base, env=os.environ | environment, capture_output=True, text=True)


def workplace(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in SOURCES:
        (folder / name).symlink_to(ROOT / name)
    (folder / "work").mkdir()
    return folder


def finished_once(shared: Path) -> Path:
    """The finished graph in `shared`; of several processes that ask, one makes it."""
    base, done = shared / "tiny gräph", shared / "tiny graph.done"
    with open(shared / "tiny graph.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            run = manager(base if base.exists() else workplace(base))
            assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
            done.touch()
    return base
