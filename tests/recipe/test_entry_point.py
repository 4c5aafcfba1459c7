from pathlib import Path

import pytest

from recipe.entry_point import EntryPoint
from recipe.errors import InputError

ENCODINGS = """
def py():
    return grid("all")

def grid(encoding, bits=3):
    return encoding, bits
"""


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    """A folder `graphs` with one file of entry points, and that as the current directory."""
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs" / "encodings.py").write_text(ENCODINGS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize(
    ("text", "built", "name"),
    [
        ("graphs/encodings.py", ("all", 3), "encodings"),
        ("graphs.encodings.py", ("all", 3), "encodings"),
        ("graphs.encodings.grid('no-linear')", ("no-linear", 3), "encodings.no-linear"),
        ('graphs.encodings.grid("a/../b", -4)', ("a/../b", -4), "encodings.a-b.4"),
    ],
)
def test_an_entry_point_is_a_file_or_a_function_of_one_with_arguments(text, built, name):
    entry_point = EntryPoint.parsed(text)
    assert entry_point.build() == built
    assert entry_point.name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "graphs",
        "graphs.none.py",
        "graphs/none.py",
        "/graphs/encodings.py",
        "../graphs/encodings.py",
        "graphs.encodings.grid(open('x'))",
        "graphs.encodings.grid(",
        "graphs.encodings.grid('a').upper()",
        "graphs.encodings.grid('a') + 1",
    ],
)
def test_what_is_none_is_refused_with_examples(text):
    with pytest.raises(InputError, match="is no graph; give CONFIG=config/mini.py, or a function"):
        EntryPoint.parsed(text)


def test_arguments_are_given_by_position():
    with pytest.raises(InputError, match="names an argument; give arguments by position"):
        EntryPoint.parsed("graphs.encodings.grid(encoding='a')")


def test_a_function_that_the_file_does_not_have_is_named():
    with pytest.raises(InputError, match="encodings.py has no function gird"):
        EntryPoint.parsed("graphs.encodings.gird('a')").build()


def test_nothing_is_called_while_a_name_is_read():
    assert EntryPoint.parsed("graphs.encodings.grid('a')").path == Path("graphs/encodings.py")
    assert not Path("graphs", "__pycache__").exists()
