"""`make docs`: the documentation site into build/site, every link checked; a warning is an error.

Its packages are in an environment of their own, build/site-environment, made anew when requirements/docs.lock changes.
"""

import sys
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # a script finds the modules of its own folder alone

import locked_packages  # noqa: E402
from locked_packages import ROOT, holds, note  # noqa: E402

LOCK = ROOT / "requirements" / "docs.lock"
ENVIRONMENT = ROOT / "build" / "site-environment"
SITE = ROOT / "build" / "site"
SUPPORTED = ((3, 11), (3, 12))
run = partial(locked_packages.run, "docs", NO_MKDOCS_2_WARNING="1", DISABLE_MKDOCS_2_WARNING="true")


def install() -> None:
    """Create the environment unless it is there and made from the same lock."""
    if holds(ENVIRONMENT, LOCK):
        return
    if sys.version_info[:2] not in SUPPORTED:
        version = sys.version.split()[0]
        sys.exit(f"docs: Python 3.11 or 3.12 is needed, this is {version}; call make PYTHON=/path/to/it docs")
    run("creating build/site-environment", sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("installing what builds the site (70 MB)", *pip, "--require-hashes", f"--requirement={LOCK}")
    note(ENVIRONMENT, LOCK)


def main() -> None:
    """Install, then build."""
    install()
    mkdocs = [str(ENVIRONMENT / "bin" / "python"), "-m", "mkdocs", "build", "--strict"]
    run("building build/site", *mkdocs, "--config-file", str(Path(__file__).with_name("mkdocs.yml")))
    print(f"docs: open {(SITE / 'index.html').relative_to(ROOT)} in a browser")


if __name__ == "__main__":
    main()
