"""Which pages the site has, and their text: Markdown of the repository, and a reference page per package."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks", "config", "docs", "memristor_sim", "notebooks", "recipe", "setups", "tests", "tools")
PACKAGES = {"memristor_sim": ROOT, "recipe": ROOT, "sisyphus": ROOT / "tools" / "local_sisyphus"}
PICTURES = {".png", ".svg"}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)((?:#[^)\s]*)?)\)")
ITEM = re.compile(r" *(?:[-*]|\d+\.) ")
FENCE = re.compile(r" *```")


def files() -> list[str]:
    """Paths, from the root of the repository, of every page and picture."""
    found = [path for path in ROOT.glob("*.md")]
    for folder in FOLDERS:
        found += (p for p in (ROOT / folder).rglob("*") if p.suffix in PICTURES | {".md"} and not is_private(p))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def is_private(path: Path) -> bool:
    """Whether a file lies below a hidden folder or one of compiled files."""
    return any(part.startswith((".", "__")) for part in path.relative_to(ROOT).parts[:-1])


def page(name: str, pages: frozenset[str]) -> str:
    """The text of a page as Python-Markdown reads it, with links to pages alone.

    :param name: its path from the root
    :param pages: what the site has
    """
    return for_python_markdown(with_known_links((ROOT / name).read_text(encoding="utf-8"), name, pages))


def with_known_links(text: str, name: str, pages: frozenset[str]) -> str:
    """A link to a file of the repository that is no page (code, a licence) becomes its text."""

    def kept(link: re.Match) -> str:
        _, words, target, _ = link.groups()
        if re.match(r"[a-z]+:", target) or posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) in pages:
            return link[0]
        return words if (ROOT / name).parent.joinpath(target).exists() else link[0]  # a dead link stays: a warning

    return LINK.sub(kept, text)


def for_python_markdown(text: str) -> str:
    """Lists as CommonMark allows them, written as Python-Markdown wants them: a blank line before, four spaces in."""
    lines: list[str] = []
    inside_list = inside_fence = False
    for line in text.splitlines():
        fence = FENCE.match(line) is not None
        item = not inside_fence and not fence and ITEM.match(line) is not None
        if item and not inside_list and lines and lines[-1]:
            lines.append("")
        if not inside_fence and line and not line.startswith(" "):
            inside_list = item
        indent = len(line) - len(line.lstrip(" "))
        lines.append(" " * indent + line if inside_list else line)
        inside_fence ^= fence
    return "\n".join(lines) + "\n"


def reference() -> Iterator[tuple[str, str, str]]:
    """Path, title and text of a reference page per package: what its public modules document."""
    for package, base in PACKAGES.items():
        for folder in sorted({path.parent for path in (base / package).rglob("*.py")}):
            name = ".".join(folder.relative_to(base).parts)
            modules = sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))
            if modules:
                text = "".join(f"::: {name}.{module}\n\n" for module in modules)
                yield f"reference/{name}.md", name, f"# {name}\n\n{text}"
