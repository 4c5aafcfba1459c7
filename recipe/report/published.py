"""Results that the documentation quotes: `python -m recipe.report.published config/paper_tables.py`.

Copies what the jobs of a finished graph wrote into docs/results/<entry point>/, notes when, where and with what they
were made, and renews the blocks of the documentation that show them:

    <!-- result: docs/results/paper_tables/table2.md -->
    ...
    <!-- end of result -->
"""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from recipe.entry_point import EntryPoint
from recipe.errors import InputError
from recipe.files import copy_file, open_text

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("table1", "table2", "table3", "claims", "search", "variance", "costs", "energy", "stages")
PLOTS = ("wer.png", "losses.png", "energy.png")
BLOCK = re.compile(r"(<!-- result: (\S+) -->\n).*?(<!-- end of result -->)", re.DOTALL)


def publish(config: str, output: Path, root: Path = ROOT) -> list[Path]:
    """Copy the results of a finished graph, and renew every block that shows one; returns what was written.

    :param config: entry point of the graph, such as config/paper_tables.py
    :param output: what the graph registered
    :param root: of the repository
    :raises InputError: when the graph is not finished
    """
    made = circumstances(config, root)  # before the checkout is changed by what is copied into it
    folder = root / "docs" / "results" / EntryPoint.parsed(config).name
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "run.json"]
    sources = [output / "tables" / f"{name}.md" for name in TABLES]
    sources += [path for name in PLOTS if (path := output / "plots" / name).exists()]
    for source in sources:
        if not source.exists():
            raise InputError(f"{source} is not there; run `make tables CONFIG={config}` to its end first")
        copy_file(source, folder / source.name)
        written.append(folder / source.name)
    with open_text(folder / "run.json", "wt") as file:
        json.dump(made, file, indent=1)
        file.write("\n")
    return written + renew(root)


def circumstances(config: str, root: Path) -> dict[str, str]:
    """Date, entry point, commit of the checkout, and kind of machine."""
    described = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(described, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "config": config,
        "commit": commit or "unknown",
        "machine": machine_kind(),
        "python": platform.python_version(),
    }


def machine_kind() -> str:
    """The processor's model and the widest vector instructions that numeric libraries choose their kernels by."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    flags = set(found.get("flags", "").split())
    vectors = next((name for name in ("avx512f", "avx2", "avx", "sse4_2") if name in flags), "")
    return ", ".join(filter(None, (found.get("model name", platform.machine()), vectors)))


def renew(root: Path) -> list[Path]:
    """Bring every block of the documentation up to its file; returns the documents that changed."""
    changed = []
    for document in documents(root):
        text = document.read_text(encoding="utf-8")
        if (new := renewed(text, root)) != text:
            with open_text(document, "wt") as file:
                file.write(new)
            changed.append(document)
    return changed


def documents(root: Path) -> Iterator[Path]:
    """README.md and the pages of docs/."""
    yield root / "README.md"
    yield from sorted((root / "docs").glob("*.md"))


def renewed(text: str, root: Path) -> str:
    """A document with the present content of the files that its blocks name.

    :raises InputError: for a block whose file is not there
    """

    def block(match: re.Match[str]) -> str:
        path = root / match[2]
        if not path.exists():
            raise InputError(f"a block shows {match[2]}, which is not there; publish that graph, or remove the block")
        return f"{match[1]}{path.read_text(encoding='utf-8').rstrip()}\n{match[3]}"

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Publish; 1 where the graph is not finished, 2 where the arguments are wrong."""
    if len(arguments) != 1:
        print("usage: python -m recipe.report.published CONFIG", file=sys.stderr)
        return 2
    try:
        for path in publish(arguments[0], Path("output")):
            print(path)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
