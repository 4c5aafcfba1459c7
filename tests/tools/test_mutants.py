"""Deliberate mistakes: each operator on a line of code, the draw, and a run over a project of one function."""

import csv
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.tools.scripts import loaded

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "mutants"


@pytest.fixture(scope="module")
def operators():
    yield from _imported("operators")


@pytest.fixture(scope="module")
def trials(operators):
    yield from _imported("trials")


@pytest.fixture(scope="module")
def tool(trials):
    return loaded("mutants/__main__.py")


def _imported(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOOL)
        yield importlib.import_module(name)
        del sys.modules[name]


def mutated(operators, source, operator):
    """All mutants of a source by one operator, as sources."""
    found = (mutant for mutant in operators.mutants_of("a.py", source) if operators.differs(mutant, source))
    return {mutant.applied(source) for mutant in found if mutant.operator == operator}


@pytest.mark.parametrize(
    "operator, source, expected",
    [
        ("comparison", "x = a < b", {"x = (a <= b)", "x = (a >= b)"}),
        ("comparison", "x = a in b", {"x = (a not in b)"}),
        ("comparison", "x = 1 < a == b", {"x = (1 <= a == b)", "x = (1 >= a == b)", "x = (1 < a != b)"}),
        ("arithmetic", "x = a + b * c", {"x = (a - b * c)", "x = a + (b / c)"}),
        ("arithmetic", "x += -y", {"x -= -y", "x += y"}),
        ("constant", "x = f(3)", {"x = f(4)", "x = f(2)"}),
        ("constant", "x = f(True, 'text')", {"x = f(False, 'text')"}),
        (
            "constant",
            "def f(a, b='dev', *, c=''): pass",
            {"def f(a, b='', *, c=''): pass", "def f(a, b='dev', *, c='other'): pass"},
        ),
        ("constant", "class A:\n    mode: str = 'tuned'", {"class A:\n    mode: str = ''"}),
        ("boolean", "x = a and b", {"x = (a or b)"}),
        ("boolean", "x = not a", {"x = a"}),
        ("boolean", "x = [a for a in b if f(a)]", {"x = [a for a in b if (not f(a))]"}),
        ("boolean", "x = 1 if a else 2", {"x = 1 if (not a) else 2"}),
        ("boolean", "if a < b: c()", set()),  # a comparison
        ("argument", "f(a, b, c=1, **d)", {"f(a, c=1, **d)", "f(a, b, **d)"}),
        ("argument", "f(a)", set()),
        ("swap", "f(a, b, *c)", {"f(b, a, *c)"}),
        ("swap", "f(a, a)", set()),
        (
            "return",
            'def f(a):\n    """Text."""\n    return a',
            {'def f(a):\n    """Text."""\n    return\n    return a'},
        ),
        ("return", "def f(a):\n    return", set()),
    ],
)
def test_what_an_operator_makes_of_a_line(operators, operator, source, expected):
    assert mutated(operators, source, operator) == expected


def test_places_are_counted_in_bytes_and_lines(operators):
    source = 'x = "ü"\ny = "ö" + str(a +\n    2)\n'
    assert mutated(operators, source, "constant") == {source.replace("2", "3"), source.replace("2", "1")}
    assert mutated(operators, source, "arithmetic") == {
        'x = "ü"\ny = "ö" + str((a - 2))\n',
        "x = \"ü\"\ny = ('ö' - str(a + 2))\n",
    }


def test_what_decides_nothing_is_left_alone(operators):
    source = dedent('''\
        """1 < 2"""
        from __future__ import annotations
        @cache(1)
        def f(a: Literal[1]) -> Literal[2]:
            """3"""
            print(f"{a + 4}")
        if TYPE_CHECKING:
            b = 5
        if __name__ == "__main__":
            sys.exit(f(6))
    ''')
    found = {mutant for operator in operators.OPERATORS for mutant in mutated(operators, source, operator)}
    assert found == {source.replace('    print(f"{a + 4}")', '    return\n    print(f"{a + 4}")')}


def test_a_mutant_is_of_the_source_it_was_made_from(operators):
    mutant = operators.mutants_of("a.py", "x = 1\n")[0]
    with pytest.raises(ValueError, match="a.py has changed since the mutant was drawn"):
        mutant.applied("x = 1  # changed\n")
    again, elsewhere = (operators.mutants_of(path, "x = 1\n")[0] for path in ("a.py", "b.py"))
    assert again.key == mutant.key != elsewhere.key


def test_a_seed_decides_the_draw_and_more_begin_with_the_fewer(tool):
    paths = ["recipe/scoring", "recipe/systems.py"]
    first, again, other = (tool.draw(ROOT, paths, 30, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert tool.draw(ROOT, paths, 10, 1) == first[:10]
    assert len({mutant.key for mutant in first}) == 30
    assert {mutant.path.rpartition("/")[0] for mutant in first} == {"recipe/scoring", "recipe"}
    assert len({mutant.operator for mutant in first}) >= 5


def test_tests_of_a_module_are_those_beside_it_and_those_that_import_it(trials):
    found = trials.tests_of(ROOT, "recipe/systems.py")
    assert found[0] == "tests/recipe/test_systems.py"
    assert {"tests/recipe/graph/test_wiring.py", "tests/recipe/report/test_intervals.py"} <= set(found)
    assert "tests/recipe/lm/test_text.py" not in found and not any("reliability" in name for name in found)
    assert "tests/memristor_sim/test_modules.py" in trials.tests_of(ROOT, "memristor_sim/modules/conv.py")


ADDING = "def add(a, b):\n    return a + b\n\n\ndef untested(a):\n    return a * 2\n"
TESTS = "from memristor_sim.adding import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"


@pytest.fixture
def project(tmp_path):
    """A project with the tool, whose tests look at one of two functions."""
    root = tmp_path / "a project"
    shutil.copytree(TOOL, root / "tools" / "mutants", ignore=shutil.ignore_patterns("__pycache__"))
    files = {"memristor_sim/adding.py": ADDING, "tests/memristor_sim/test_adding.py": TESTS, "conftest.py": ""}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "--import-mode=importlib"\n'
    )
    return root


def rows_of(project, *options):
    command = [sys.executable, "tools/mutants", "--paths", "memristor_sim", "--results", "found.csv", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True, env=os.environ)
    with open(project / "found.csv", newline="") as file:
        return list(csv.DictReader(file)), done.stdout


def test_mistakes_that_tests_notice_are_told_from_those_that_none_does(project):
    rows, printed = rows_of(project, "--jobs", "2")
    of_function = {"add": [], "untested": []}
    for row in rows:
        of_function["untested" if "a * 2" in row["change"] else "add"].append(row)
    assert {row["outcome"] for row in of_function["add"]} == {"killed"}
    assert {row["killed_by"] for row in of_function["add"]} == {"tests/memristor_sim/test_adding.py::test_add"}
    assert [row["outcome"] for row in of_function["untested"]] == ["survived"] * len(of_function["untested"])
    assert len(of_function["untested"]) == 4  # `/`, 3, 1, an early return
    assert "+    return a * 3" in printed and "4 real survivors" in printed
    assert (project / "memristor_sim" / "adding.py").read_text() == ADDING

    judged = (project / "found.csv").read_text().replace("survived,,", "survived,equivalent,", 1)
    (project / "found.csv").write_text(judged)
    again, printed = rows_of(project)
    assert len(again) == len(rows) and "1/" not in printed and "of which 1 judged equivalent; 3 real" in printed
    (project / "tests" / "memristor_sim" / "test_adding.py").write_text(
        TESTS.replace("import add", "import add, untested") + "    assert untested(2) == 4\n"
    )
    rows, printed = rows_of(project, "--again")
    assert "1 survived, of which 1 judged equivalent; 0 real survivors, 0.0 % of the others" in printed
