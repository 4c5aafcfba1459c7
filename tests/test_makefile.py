"""Values on the command line of make reach programs as text, whatever they hold."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORDER = f"""#!{sys.executable} -IS
import json, os, sys
names = ("CONFIG", "AUDIO", "BITS", "DEVICE", "PRESET", "REFERENCE", "FORMAT", "TEDLIUM_ROOT", "ANYTHING")
with open("calls.jsonl", "a") as file:
    print(json.dumps([sys.argv[1:], {{name: os.environ[name] for name in names if name in os.environ}}]), file=file)
if sys.argv[1:3] == ["-m", "recipe.graph.made_from"]:
    print(sys.argv[3])  # it answers with the graph to take
"""
ASKED = ["-m", "recipe.graph.made_from", None]
ATTACKS = [
    'x"; touch evil; "',
    "x'; touch evil; '",
    "x; touch evil",
    "x & touch evil",
    "x | touch evil",
    "$(touch evil)",
    "$(shell touch evil)",
    "${shell touch evil}",
    "$$(touch evil)",
    "`touch evil`",
    "a # comment",
    "blanks  around ",
    "back\\slash\\",
    "two\nlines\n\ttouch evil",
    "x\n$(shell touch evil)",
    "$(AUDIO) $(CONFIG) $@ $HOME *",
    "-x --config=y",
    "naïve ' \" \\ $",
    "",
]


@pytest.fixture
def make(tmp_path):
    """make(*arguments) in a folder whose programs record what they are given -> (calls, names of files there)."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (".venv/bin/python", "sis"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RECORDER)
        path.chmod(0o755)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "environment.py").touch()
    before = {path.name for path in tmp_path.iterdir()}

    def run(*arguments, **variables):
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(["make", *arguments], cwd=tmp_path, env=kept | variables, capture_output=True, text=True)
        calls = tmp_path / "calls.jsonl"
        recorded = [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
        assert {path.name for path in tmp_path.iterdir()} <= before | {"calls.jsonl"}, "an attack left a file"
        return done, recorded

    return run


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize("by", ["command line", "environment"])
def test_options_of_transcribe_are_text(make, value, by):
    names = ("CONFIG", "AUDIO", "BITS", "DEVICE", "PRESET", "REFERENCE", "FORMAT", "TEDLIUM_ROOT", "ANYTHING")
    given = dict.fromkeys(names, value)
    if by == "command line":
        done, calls = make("transcribe", *(f"{name}={text}" for name, text in given.items()))
    else:
        done, calls = make("transcribe", **given)
    assert done.returncode == 0, done.stderr
    ((arguments, environment),) = calls
    assert environment == given
    assert arguments == [
        *["-m", "recipe.transcribe", f"--config={value}", f"--bits={value or 3}", f"--device={value or 0}"],
        *[f"--preset={value or 'physical'}", f"--reference={value}", f"--format={value}", "--", value],
    ]


@pytest.mark.parametrize("value", ATTACKS)
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("plan", [["-m", "recipe.graph.plan", None]]),
        ("tables", [ASKED, ["manager", "-r", None], ["-m", "recipe.report.show", "output"]]),
        ("results", [ASKED, ["-m", "recipe.report.published", None]]),
        ("rerun", [["-m", "recipe.graph.outdated", "--clear", "--", None], ASKED, ["manager", "-r", None]]),
    ],
)
def test_the_graph_of_every_target_is_text(make, target, expected, value):
    done, calls = make(target, f"CONFIG={value}")
    assert done.returncode == 0, done.stderr
    assert [arguments for arguments, _ in calls] == [[value if a is None else a for a in call] for call in expected]
    if target == "tables":
        assert done.stdout.startswith(f"+ ./sis manager -r {value}\n")


def test_without_values_the_defaults_hold(make):
    _, calls = make("transcribe", "AUDIO=a.wav")
    assert calls[0][0] == [
        *["-m", "recipe.transcribe", "--config=", "--bits=3", "--device=0"],
        *["--preset=physical", "--reference=", "--format=", "--", "a.wav"],
    ]


def test_the_zoo_is_measured_in_the_environment(make):
    done, calls = make("zoo")
    assert done.returncode == 0, done.stderr
    assert [arguments for arguments, _ in calls] == [["tools/zoo.py"]]


@pytest.mark.parametrize("value", ["python3; touch evil", "$(shell touch evil)", "`touch evil`"])
def test_the_interpreter_is_one_program(make, value):
    done, calls = make("plan", f"PYTHON={value}")
    assert done.returncode != 0 and not calls


@pytest.mark.parametrize("value", ["3.11; touch evil", "3.13", "$(shell touch evil)", "3.11\n\ttouch evil"])
@pytest.mark.parametrize("target", ["test-all-pythons", "plan"])
def test_versions_are_those_supported(make, value, target):
    done, calls = make(target, f"PYTHONS={value}")
    assert done.returncode != 0 and not calls and "PYTHONS holds other versions than 3.11 3.12" in done.stderr


def test_a_target_with_a_command_in_its_name_is_none(make):
    done, _ = make("test-on-3.11; touch evil")
    assert done.returncode != 0 and "No rule" in done.stderr
