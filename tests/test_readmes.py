"""What the READMEs and docs/ say of files, links, entry points and imports is true."""

import ast
import fnmatch
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "recipe", "memristor_sim", "setups", "config", "tools", "tests", "benchmarks", "docs", "requirements", "notebooks"
)  # fmt: skip
PLACEHOLDERS = {"config/x.py", "config/mine.py"}  # stand for any graph, and for one of the reader's
PAGES = sorted(
    path
    for pattern in ("*.md", *(f"{name}/**/*.md" for name in PACKAGES))
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # speaks of files that are gone
)
ROOMS = sorted(path.parent for path in (ROOT / "recipe").glob("*/__init__.py"))
HOUSE = sorted(
    [ROOT / name for name in PACKAGES if name != "requirements"]
    + [ROOT / "recipe" / room.name for room in ROOMS]
    + [ROOT / "tools" / "kenlm", ROOT / "tools" / "local_sisyphus"]
)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    """The text without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(path: Path) -> list[str]:
    """Relative targets of links and pictures, without anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text_of(path))
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def named_files(path: Path) -> set[str]:
    """Paths of this repository that the page names: in backticks, or plain as `docs/x.md`."""
    places = "|".join(PACKAGES)
    found = set(re.findall(rf"(?<![\w/.*-])((?:{places})/[\w./-]+\.(?:py|md|txt|toml|j2))\b", text_of(path)))
    return found - PLACEHOLDERS


def listed_files(readme: Path) -> list[str]:
    """Python files at the head of the bullets of a README, in order, repetitions kept."""
    heads = re.findall(r"^- (.*?)(?::|$)", readme.read_text(encoding="utf-8").replace("\n  ", " "), re.MULTILINE)
    return [name for head in heads for name in re.findall(r"`(\w+\.py)`", head)]


def imported_rooms(room: Path) -> set[str]:
    """`recipe.corpus`, `memristor_sim`: what the modules of a room import of this repository, anywhere in them."""
    names = set()
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
    own = f"recipe.{room.name}"
    rooms = {".".join(name.split(".")[:2]) for name in names if name.startswith("recipe.")} - {own}
    return rooms | {"memristor_sim" for name in names if name.split(".")[0] == "memristor_sim"}


def promised_rooms(readme: Path) -> list[str]:
    """The names on the line that starts with `Imports:`, up to the full stop."""
    lines = re.findall(r"^Imports: (.*?)\.(?=\s|$)", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(lines) == 1, f"{shown(readme)} needs one line that starts with `Imports:`"
    return re.findall(r"`([\w.]+)`", lines[0])


def imports_line(room: Path) -> str:
    """The line that a README should have."""
    return "Imports: " + ", ".join(f"`{name}`" for name in sorted(imported_rooms(room))) + "."


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page):
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_files_it_names_exist(page):
    assert sorted(name for name in named_files(page) if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_targets_of_make_it_names_exist(page):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("folder", ["config", "setups"])
def test_every_entry_point_is_listed_once(folder):
    files = sorted(path.name for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py")
    assert sorted(listed_files(ROOT / folder / "README.md")) == files


@pytest.mark.parametrize("room", ROOMS, ids=shown)
def test_imports_are_those_that_its_readme_promises(room):
    assert promised_rooms(room / "README.md") == sorted(imported_rooms(room)), imports_line(room)


@pytest.mark.parametrize("room", ROOMS, ids=shown)
def test_a_room_names_its_modules(room):
    patterns = re.findall(r"`([\w*]+\.py)`", (room / "README.md").read_text(encoding="utf-8"))
    modules = {path.name for path in room.rglob("*.py")} - {"__init__.py"}
    named = {name for pattern in patterns for name in fnmatch.filter(modules, pattern)}
    assert modules - named == set()


@pytest.mark.parametrize("folder", HOUSE, ids=shown)
def test_its_readme_ends_with_how_to_add_a_new_one(folder):
    text = (folder / "README.md").read_text(encoding="utf-8").rstrip()
    end = text[text.rindex("\n## ") :] if "\n## How to add" in text else "\n\n".join(text.split("\n\n")[-2:])
    assert re.search(r"\b(?:To|How to) (?:add|change)\b|\*\*(?:A|An|More|Other)\b|\*\*(?:new|[Aa]nother)\b", end)


def test_folders_of_tests_mirror_those_of_the_sources():
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").glob("*/**/test_*.py")}
    assert {str(folder) for folder in folders if not (ROOT / folder).is_dir()} == {"reliability"}


def test_citations_of_paper_md_name_its_headings():
    headings = set(re.findall(r"^##+ (.+)$", (ROOT / "docs" / "paper.md").read_text(encoding="utf-8"), re.MULTILINE))
    cited = {}
    for path in [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]:
        for heading in re.findall(r"docs/paper\.md, ([A-Z][\w -]*?)\s*[).;\"\n]", path.read_text(encoding="utf-8")):
            cited.setdefault(heading, shown(path))
    assert len(cited) > 5
    assert {heading: path for heading, path in cited.items() if heading not in headings} == {}
