"""The tutorial, typed word for word: its files are written, its commands run, its outputs seen."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.tiny_graph import ROOT, SOURCES

TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r'^```(sh|text|python)(?: title="(.+?)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
MAKE = '#!/bin/sh\nexec {make} -o environment "$@"\n'
"""The environment is there: the tests run in it."""


@dataclass
class Step:
    """A command, what is written before it, and the lines that its output must hold."""

    command: str
    files: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def steps(text: str) -> list[Step]:
    """The steps of a tutorial, in order."""
    found: list[Step] = []
    files: dict[str, str] = {}
    for kind, title, body in BLOCK.findall(text):
        if kind == "sh":
            found += [Step(command) for command in body.splitlines()]
            found[-1].files, files = files, {}
        elif kind == "text":
            found[-1].lines += body.splitlines()
        elif title:
            files[title] = body
    return found


def missing(lines: list[str], output: str) -> list[str]:
    """Lines that the output lacks; `...` stands for anything."""
    patterns = [".*".join(map(re.escape, line.split("..."))) for line in lines]
    return [line for line, p in zip(lines, patterns, strict=True) if not re.search(f"^{p}$", output, re.MULTILINE)]


@pytest.fixture
def checkout(tiny_graph, tmp_path) -> Path:
    """A checkout in which the tiny graph has run, and a `make` that leaves the environment as it is."""
    base = tmp_path / "checkout"
    base.mkdir()
    for name in (*SOURCES, "tools", "sis", "Makefile", "docs", "requirements", "pyproject.toml"):
        if name != "config":
            (base / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "config", base / "config", ignore=shutil.ignore_patterns("__pycache__"))
    (base / "work").symlink_to(tiny_graph / "work")
    (base / ".venv").symlink_to(sys.prefix)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "make").write_text(MAKE.format(make=shutil.which("make")))
    (tmp_path / "bin" / "make").chmod(0o755)
    return base


def test_each_stated_output_is_reached(checkout):
    path = os.pathsep.join([str(checkout.parent / "bin"), os.environ["PATH"]])
    told = steps(TUTORIAL.read_text(encoding="utf-8"))
    assert [step.command.split()[0] for step in told].count("make") == 3 and all(step.lines for step in told)
    for step in told:
        for name, text in step.files.items():
            (checkout / name).write_text(text)
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=checkout, env=os.environ | {"PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, step.command + done.stdout[-2000:] + done.stderr[-2000:]
        assert missing(step.lines, done.stdout) == [], step.command + "\n" + done.stdout[-6000:]
    new = {path.name.split(".")[0] for path in (checkout / "alias" / "tiny" / "search" / "ptq-4").iterdir()}
    assert new == {"dev", "test"}


def test_a_line_that_is_not_there_is_noticed():
    [step] = steps("```sh\necho a\n```\n\n```text\n| a | ... |\nb\n```\n")
    assert missing(step.lines, "| a | 3 |\nc\n") == ["b"]
