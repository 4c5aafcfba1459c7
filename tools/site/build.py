"""`make docs`: the documentation site into build/site, every link checked; a warning is an error.

Its packages are in an environment of their own, build/site-environment, made anew when requirements/docs.lock changes.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "docs.lock"
ENVIRONMENT = ROOT / "build" / "site-environment"
SITE = ROOT / "build" / "site"
SUPPORTED = ((3, 11), (3, 12))


def stop(sentence: str) -> None:
    """End with a message and exit status 1."""
    sys.exit("docs: " + sentence)


def run(what: str, *command: str) -> None:
    """Run a command; stop when it fails."""
    print("docs: " + what, flush=True)
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    if subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode != 0:
        stop(f"that step failed; its messages are above (the step was: {what})")


def install() -> None:
    """Create the environment unless it is there and made from the same lock."""
    digest, stamp = hashlib.sha256(LOCK.read_bytes()).hexdigest(), ENVIRONMENT / "installed.sha256"
    if stamp.exists() and stamp.read_text().strip() == digest:
        return
    if sys.version_info[:2] not in SUPPORTED:
        stop(f"Python 3.11 or 3.12 is needed, this is {sys.version.split()[0]}; call make PYTHON=/path/to/it docs")
    run("creating build/site-environment", sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("installing what builds the site (70 MB)", *pip, "--require-hashes", f"--requirement={LOCK}")
    stamp.write_text(digest + "\n")


def main() -> None:
    """Install, then build."""
    install()
    mkdocs = [str(ENVIRONMENT / "bin" / "python"), "-m", "mkdocs", "build", "--strict"]
    run("building build/site", *mkdocs, "--config-file", str(Path(__file__).with_name("mkdocs.yml")))
    print(f"docs: open {(SITE / 'index.html').relative_to(ROOT)} in a browser")


if __name__ == "__main__":
    main()
