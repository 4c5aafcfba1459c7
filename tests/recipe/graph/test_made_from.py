"""What a graph was made from is kept where it was started, and taken where nothing else is given."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recipe.errors import InputError
from recipe.graph import made_from
from recipe.graph.made_from import DEFAULT_CONFIG, KEPT, keep, recalled, recalled_config

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("config", "recipe", "setups", "memristor_sim", "tools", "settings.py", "sis", "Makefile", ".venv")
HERE = "(work/made_from.json)"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty one, without a corpus in the environment."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEDLIUM_ROOT", "")  # put back at the end
    monkeypatch.delenv("TEDLIUM_ROOT")
    return tmp_path


def started(monkeypatch, config: str, root: str | None) -> None:
    if root is not None:
        monkeypatch.setenv("TEDLIUM_ROOT", root)
    keep([config])
    monkeypatch.delenv("TEDLIUM_ROOT", raising=False)


def test_without_a_start_nothing_changes(checkout, capfd):
    assert recalled([]) == [] and recalled_config("") == DEFAULT_CONFIG and recalled(["config/a.py"]) == ["config/a.py"]
    assert "TEDLIUM_ROOT" not in os.environ and capfd.readouterr().err == "" and not KEPT.exists()


def test_the_last_graph_and_its_corpus_are_taken_and_told(checkout, monkeypatch, capfd):
    started(monkeypatch, DEFAULT_CONFIG, None)
    started(monkeypatch, "./config/tiny.py", "data/x")
    assert recalled_config("") == "config/tiny.py" and os.environ["TEDLIUM_ROOT"] == "data/x"  # as given: it enters ids
    assert capfd.readouterr().err.splitlines() == [
        f"no graph is given: config/tiny.py, the last one started here {HERE}",
        f"TEDLIUM_ROOT is not given: data/x, with which config/tiny.py was made here {HERE}",
    ]


def test_a_graph_of_one_corpus_does_not_lend_it_to_another_graph(checkout, monkeypatch, capfd):
    started(monkeypatch, "config/tiny.py", "/x")
    started(monkeypatch, DEFAULT_CONFIG, None)
    assert recalled([]) == [DEFAULT_CONFIG] and "TEDLIUM_ROOT" not in os.environ
    assert recalled(["config/new.py"]) == ["config/new.py"] and "TEDLIUM_ROOT" not in os.environ
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "kept, given, line",
    [
        ("/x", "/y", "TEDLIUM_ROOT is /y, as given; config/tiny.py was made here with /x"),
        ("/x", "", "TEDLIUM_ROOT is not set, as given; config/tiny.py was made here with /x"),
        (None, "/y", "TEDLIUM_ROOT is /y, as given; config/tiny.py was made here without it"),
        ("/x", "/x", None),
        (None, "", None),
    ],
)
def test_what_is_given_counts_and_a_difference_is_told(checkout, monkeypatch, capfd, kept, given, line):
    started(monkeypatch, "config/tiny.py", kept)
    monkeypatch.setenv("TEDLIUM_ROOT", given)
    assert recalled(["config/tiny.py"]) == ["config/tiny.py"] and os.environ["TEDLIUM_ROOT"] == given
    assert capfd.readouterr().err == ("" if line is None else f"{line} {HERE}\n")


def test_one_variable_that_is_given_keeps_the_others_away(checkout, monkeypatch, capfd):
    """Two corpora at once are none."""
    monkeypatch.setattr(made_from, "VARIABLES", ("TEDLIUM_ROOT", "OTHER_ROOT"))
    started(monkeypatch, "config/tiny.py", "/x")
    monkeypatch.setenv("OTHER_ROOT", "/y")
    recalled(["config/tiny.py"])
    assert "TEDLIUM_ROOT" not in os.environ and len(capfd.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"last": "config/a.py", "graphs": {}}', '{"last": [], "graphs": {"a": {"b": 1}}}', "\0"]
)
def test_a_broken_file_is_refused_rather_than_taken_for_no_corpus(checkout, content):
    KEPT.write_text(content)
    with pytest.raises(InputError, match=r"work/made_from.json, what .* cannot be read .*; remove it, then name"):
        recalled(["config/tiny.py"])
    with pytest.raises(InputError, match="cannot be read"):
        keep(["config/tiny.py"])


def test_a_file_that_cannot_be_opened_is_no_file_to_remove(checkout):
    KEPT.mkdir()
    with pytest.raises(
        InputError, match=r"made_from.json cannot be read \(Is a directory\); make work and the file readable"
    ):
        recalled([])


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    left_out = ("TEDLIUM_ROOT", "MAKEFLAGS", "MAKELEVEL", "CONFIG")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    env = {**inherited, "SISYPHUS_CHOICE": "bundled", "PYTHONPATH": str(ROOT / "tools/local_sisyphus"), **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def started_graph(checkout):
    """A checkout in which `config/shown.py`, which says what it is made from, was started with a corpus."""
    for name in ROOMS:
        (checkout / name).symlink_to(ROOT / name)
    (checkout / "config").unlink()
    (checkout / "config").mkdir()
    (checkout / "config/__init__.py").touch()
    (checkout / "config/shown.py").write_text(
        "import os\n\n\ndef py():\n    print('made from', os.environ.get('TEDLIUM_ROOT'))\n"
    )
    done = run(sys.executable, "sis", "manager", "-r", "config/shown.py", TEDLIUM_ROOT="/some/corpus")
    assert done.returncode == 0 and "made from /some/corpus\n" in done.stdout
    return checkout


def test_every_command_of_a_checkout_knows_the_corpus_of_its_run(started_graph):
    told = f"TEDLIUM_ROOT is not given: /some/corpus, with which config/shown.py was made here {HERE}"
    for command in (["sis", "status"], ["sis", "manager", "-r", "config/shown.py"]):
        done = run(sys.executable, *command)
        assert "made from /some/corpus\n" in done.stdout and told in done.stderr
    for command in (["plan", ""], ["plan", "config/shown.py"], ["outdated", ""]):
        done = run(sys.executable, "-m", f"recipe.graph.{command[0]}", command[1])
        assert "made from /some/corpus\n" in done.stdout and told in done.stderr
    done = run(sys.executable, "-m", "recipe.transcribe", "recording.wav")
    assert "made from /some/corpus\n" in done.stdout and told in done.stderr
    other = run(sys.executable, "sis", "status", "config/shown.py", TEDLIUM_ROOT="/other")
    assert "made from /other\n" in other.stdout and f"with /some/corpus {HERE}" in other.stderr
    assert json.loads(KEPT.read_text())["graphs"]["config/shown.py"]["TEDLIUM_ROOT"] == "/some/corpus"


def test_make_takes_the_last_graph_and_hands_a_given_one_over_as_data(started_graph):
    """`-o environment`: nothing is installed."""
    done = run("make", "-o", "environment", "plan")
    assert "made from /some/corpus\n" in done.stdout and "no graph is given: config/shown.py" in done.stderr
    done = run("make", "-o", "environment", "tables")
    assert "+ ./sis manager -r config/shown.py\n" in done.stdout and "made from /some/corpus\n" in done.stdout
    for target in ("plan", "tables", "rerun", "transcribe"):
        done = run("make", "-o", "environment", target, 'CONFIG=config/tiny.py"; touch ran; "$$(touch ran)')
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert not (started_graph / "ran").exists()


def test_a_broken_file_stops_every_command_in_one_sentence(started_graph):
    KEPT.write_text("{")
    for command in (["sis", "status"], ["sis", "manager", "-r", "config/shown.py"], ["-m", "recipe.graph.plan", ""]):
        done = run(sys.executable, *command)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "work/made_from.json, what the graphs here were made from" in done.stderr.splitlines()[-1]
