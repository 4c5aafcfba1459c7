"""The pages of the site: all of docs/, links that work, a reference of every module."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.tools.scripts import loaded

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / "build" / "site-environment" / "bin" / "python"


pages = loaded("site/pages.py")


def test_every_page_of_docs_is_in_the_navigation():
    named = set(re.findall(r"[\w/.]+\.md\b", (ROOT / "tools" / "site" / "mkdocs.yml").read_text()))
    published = (ROOT / "docs" / "results").glob("*/*.md")  # tables of runs, shown in other pages
    written = {path.relative_to(ROOT).as_posix() for path in {*(ROOT / "docs").rglob("*.md")} - {*published}}
    assert written <= named
    assert named <= set(pages.files())


def test_links_to_what_is_no_page_become_text():
    text = "[code](../recipe/job.py), [page](mini.md#x), [gone](gone.md), [net](https://a.b), ![p](wer.png)"
    known = frozenset(["docs/mini.md", "docs/wer.png"])
    changed = pages.with_known_links(text, "docs/a.md", known)
    assert changed == "code, [page](mini.md#x), [gone](gone.md), [net](https://a.b), ![p](wer.png)"


def test_lists_get_what_python_markdown_wants_and_code_stays():
    text = "Text:\n- a\n  more\n  - inner\n\nText\n```\nx:\n- a\n```\n"
    wanted = "Text:\n\n- a\n    more\n    - inner\n\nText\n```\nx:\n- a\n```\n"
    assert pages.for_python_markdown(text) == wanted


def test_the_reference_names_every_public_module_once():
    text = "".join(text for _, _, text in pages.reference())
    named = re.findall(r"^::: (\S+)$", text, re.MULTILINE)
    assert len(named) == len(set(named))
    for package, base in pages.PACKAGES.items():
        modules = {
            ".".join(p.relative_to(base).with_suffix("").parts)
            for p in (base / package).rglob("*.py")
            if not p.stem.startswith("_")
        }
        assert {name for name in named if name.startswith(package)} == modules


def test_the_site_is_built_without_a_warning_and_refers_to_no_other_host(tmp_path):
    if not (PYTHON.parent.parent / "installed.sha256").exists():
        pytest.skip("no environment for the site: `make docs` makes it")
    config = ROOT / "tools" / "site" / "mkdocs.yml"
    build = [str(PYTHON), "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
    done = subprocess.run([*build, "--site-dir", str(tmp_path / "site")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|link rel="stylesheet")[^>]* (?:src|href)="(?:https?:)?//.*', text)
    assert "program" in (tmp_path / "site" / "reference" / "memristor_sim.html").read_text()
