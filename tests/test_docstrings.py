"""Documentation in the code follows one style, and cites what a reader can open."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("recipe", "memristor_sim", "setups", "config")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def classes(path: Path) -> Iterator[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def test_fields_are_documented_below_them_and_not_in_the_docstring_of_the_class():
    listed = [
        f"{shown(path)}: {node.name}"
        for path in MODULES
        for node in classes(path)
        if re.search(r":(?:param|ivar)\b", ast.get_docstring(node) or "")
    ]
    assert listed == []


def silent(path: Path) -> Iterator[str]:
    """Public classes, functions and methods of more than six lines without a docstring."""
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inherited = {"run", "tasks", "forward", "hash", "draw", "estimated_hours"}  # documented where they are declared
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in [*tree.body, *(part for one in classes(path) for part in one.body)]:
        if isinstance(node, named) and not node.name.startswith("_") and node.name not in inherited:
            if not ast.get_docstring(node) and (node.end_lineno or 0) - node.lineno > 6:
                yield f"{shown(path)}: {node.name}"


def test_what_is_public_and_not_trivial_has_a_docstring():
    assert [name for path in MODULES for name in silent(path)] == []


def test_citations_can_be_followed():
    """Sections of the paper are not known to us by number; docs/paper.md has each fact with its public source."""
    pages = [*MODULES, *(ROOT / "tools").rglob("*.py"), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    pattern = re.compile(r"paper,? (?:section|§)|contract,? (?:section )?\d", re.IGNORECASE)
    assert [shown(path) for path in pages if pattern.search(path.read_text(encoding="utf-8"))] == []
