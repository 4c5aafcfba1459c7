"""`make zoo`: networks of other packages on crossbars, measured for docs/networks.md.

What the environment lacks for them is installed into build/zoo-packages, anew when requirements/zoo.lock changes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "zoo.lock"
PACKAGES = ROOT / "build" / "zoo-packages"


def run(what: str, *command: str, **variables: str) -> None:
    """Run a command with further environment variables; stop when it fails."""
    print("zoo: " + what, flush=True)
    if subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode != 0:
        sys.exit(f"zoo: that step failed; its messages are above (the step was: {what})")


def install() -> None:
    """Create the folder of packages unless it is there and made from the same lock."""
    digest, stamp = hashlib.sha256(LOCK.read_bytes()).hexdigest(), PACKAGES / "installed.sha256"
    if stamp.exists() and stamp.read_text().strip() == digest:
        return
    shutil.rmtree(PACKAGES, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    files = [f"--target={PACKAGES}", "--require-hashes", f"--requirement={LOCK}"]
    run("installing build/zoo-packages (240 MB)", *pip, *files)
    stamp.write_text(digest + "\n")


def main() -> None:
    """Install, then measure; nothing is downloaded while networks are measured."""
    install()
    measure = [sys.executable, "-m", "tests.memristor_sim.zoo", "--publish"]
    run("measuring", *measure, PYTHONPATH=str(PACKAGES), HF_HUB_OFFLINE="1")


if __name__ == "__main__":
    main()
