"""Licence, citation and requirements agree."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned(*files: str) -> set[str]:
    """Names of the packages that requirement files pin."""
    text = "\n".join((ROOT / file).read_text() for file in files)
    return set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))


def test_every_package_has_its_terms_on_the_page():
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<=[| ,`*(])[\w.-]+(?=[|,`*;)\s])", page))
    files = [f"requirements/{path.name}" for path in (ROOT / "requirements").glob("*.txt")] + ["constraints.txt"]
    assert "requirements/docs.txt" in files
    assert pinned(*files) - named == set()


def test_the_package_and_the_citation_name_the_licence_that_lies_here():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_text().split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert PROJECT["license"] == re.search(r"^license: (\S+)$", citation, re.MULTILINE)[1] == "Apache-2.0"
    assert PROJECT["version"] == re.search(r"^version: (\S+)$", citation, re.MULTILINE)[1]
