"""`make zoo`: networks of other packages on crossbars, measured for docs/networks.md.

What the environment lacks for them is installed into build/zoo-packages, anew when requirements/zoo.lock changes.
"""

import shutil
import sys
from functools import partial

import locked_packages
from locked_packages import ROOT, holds, note

LOCK = ROOT / "requirements" / "zoo.lock"
PACKAGES = ROOT / "build" / "zoo-packages"
run = partial(locked_packages.run, "zoo")


def install() -> None:
    """Create the folder of packages unless it is there and made from the same lock."""
    if holds(PACKAGES, LOCK):
        return
    shutil.rmtree(PACKAGES, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    files = [f"--target={PACKAGES}", "--require-hashes", f"--requirement={LOCK}"]
    run("installing build/zoo-packages (240 MB)", *pip, *files)
    note(PACKAGES, LOCK)


def main() -> None:
    """Install, then measure; nothing is downloaded while networks are measured."""
    install()
    measure = [sys.executable, "-m", "tests.memristor_sim.zoo", "--publish"]
    run("measuring", *measure, PYTHONPATH=str(PACKAGES), HF_HUB_OFFLINE="1")


if __name__ == "__main__":
    main()
