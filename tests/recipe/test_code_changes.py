"""Which edits make a finished job outdated, and what is said about it."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from recipe import code_changes
from recipe.code_changes import PresentCode, code_of, remarks
from recipe.code_record import STORE

SOURCE = '''"""What it does."""

LIMIT = 3
"""The limit."""


class Rule:
    """A rule."""

    name: str
    """Its name."""

    def of(self, x):
        """Twice."""
        return 2 * x  # a comment
'''
SAME = {
    "docstring": SOURCE.replace("What it does", "Another text"),
    "no docstring": SOURCE.replace('        """Twice."""\n', ""),
    "attribute docstring": SOURCE.replace("Its name", "A name"),
    "comment": SOURCE.replace("a comment", "another"),
    "formatting": SOURCE.replace("2 * x", "(2\n            * x)"),
    "quotes": SOURCE + "\nA = 'a'\n",
}
OTHER = {
    "number": SOURCE.replace("2 * x", "1 * x"),
    "name": SOURCE.replace("LIMIT", "BOUND"),
    "order": SOURCE.replace("2 * x", "x * 2"),
    "text that is used": SOURCE.replace("LIMIT = 3", 'LIMIT = "3"'),
    "argument": SOURCE.replace("self, x", "self, x=0"),
}


@pytest.mark.parametrize("name", [name for name in SAME if name != "quotes"])
def test_comments_formatting_and_documentation_are_not_code(name):
    assert SAME[name] != SOURCE and code_of(SAME[name].encode()) == code_of(SOURCE.encode())


def test_quotes_are_not_code():
    assert code_of(SAME["quotes"].encode()) == code_of(SAME["quotes"].replace("'a'", '"a"').encode())


@pytest.mark.parametrize("name", OTHER)
def test_everything_else_is(name):
    assert code_of(OTHER[name].encode()) != code_of(SOURCE.encode())


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A checkout of recipe/a.py, recipe/b.py and recipe/job.py, the current directory."""
    (tmp_path / "recipe").mkdir()
    for name in ("a", "b", "job"):
        (tmp_path / "recipe" / f"{name}.py").write_text(SOURCE)
    (tmp_path / "work" / STORE).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(code_changes, "checkout", lambda: tmp_path)
    return tmp_path


def finished(name: str, *modules: str) -> Path:
    """A job that present modules made, with its record and their sources in the store."""
    folder = Path("work", "stage", "jobs", name)
    folder.mkdir(parents=True)
    digests = {}
    for module in modules:
        source = Path(module).read_bytes()
        digests[module] = hashlib.sha256(source).hexdigest()
        Path("work", STORE, f"{digests[module]}.py").write_bytes(source)
    if modules:
        (folder / f"code.{name[-4:]}").write_text(json.dumps({"modules": digests}))
    return folder


def edit(module: str, text: str) -> None:
    Path(module).write_text(text)


def test_a_job_is_of_other_code_by_the_modules_that_it_ran(root):
    of_both = finished("Job.both", "recipe/a.py", "recipe/b.py", "recipe/job.py")
    of_a = finished("Job.of_a", "recipe/a.py")
    assert PresentCode().changed_since(of_both) == ()
    edit("recipe/b.py", OTHER["number"])
    assert PresentCode().changed_since(of_both) == ("recipe/b.py",)
    assert PresentCode().changed_since(of_a) == ()
    Path("recipe/a.py").unlink()
    assert PresentCode().changed_since(of_both) == ("recipe/a.py", "recipe/b.py")
    edit("recipe/a.py", SOURCE)
    edit("recipe/b.py", SAME["docstring"])
    assert PresentCode().changed_since(of_both) == ()


def test_modules_that_decide_no_results_do_not_count(root):
    job = finished("Job.both", "recipe/a.py", "recipe/job.py")
    edit("recipe/job.py", OTHER["number"])
    assert PresentCode().changed_since(job) == ()


def test_without_a_record_a_job_is_neither(root):
    assert PresentCode().changed_since(finished("Job.none")) is None


def test_a_job_of_which_one_task_ran_other_code_is_of_other_code(root):
    job = finished("Job.both", "recipe/a.py")
    (job / "code.more").write_text(json.dumps({"modules": {"recipe/a.py": "0" * 64}}))
    assert PresentCode().changed_since(job) == ("recipe/a.py",)


@pytest.mark.parametrize("damage", [None, b"", b"x = ("])
def test_without_the_stored_source_any_edit_counts(root, damage):
    job = finished("Job.both", "recipe/a.py")
    edit("recipe/a.py", SAME["docstring"])
    [stored] = Path("work", STORE).iterdir()
    stored.unlink() if damage is None else stored.write_bytes(damage)
    assert PresentCode().changed_since(job) == ("recipe/a.py",)


def test_a_packed_job_keeps_its_record(root):
    job = finished("Job.pack", "recipe/a.py")
    with tarfile.open(job / "finished.tar.gz", "w:gz") as archive:
        archive.add(job / "code.pack", "code.pack")
    (job / "code.pack").unlink()
    assert PresentCode().changed_since(job) == ()
    edit("recipe/a.py", OTHER["number"])
    assert PresentCode().changed_since(job) == ("recipe/a.py",)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"modules": 3}', "{}"])
def test_a_record_that_cannot_be_read_is_none(root, content):
    job = finished("Job.both", "recipe/a.py")
    (job / "code.more").write_text(content)
    assert PresentCode().changed_since(job) is None
    (job / "finished.tar.gz").write_text(content)
    assert PresentCode().changed_since(job) is None


def test_where_a_run_starts_only_the_largest_groups_are_named(root):
    modules = [f"recipe/m{number}.py" for number in range(7)]
    jobs = []
    for number, module in enumerate(modules):
        edit(module, SOURCE)
        jobs += [str(finished(f"Job.{number:02d}{copy:02d}", module)) for copy in range(number + 1)]
        edit(module, OTHER["number"])
    brief, whole = remarks(jobs, 0), remarks(jobs)
    assert [line.split()[-1] for line in brief if "changed since" in line] == modules[:1:-1]
    assert "  and 2 more sets of modules" in brief
    assert sum("changed since" in line for line in whole) == 7 and not any("more sets" in line for line in whole)


def test_remarks_name_modules_and_jobs(root):
    jobs = [str(finished(f"Job.{number:04d}", "recipe/a.py")) for number in range(3)]
    jobs += [str(finished("Other.of_b", "recipe/b.py")), str(finished("Old.none"))]
    unknown = "no record of their code: 1 finished jobs, made before there were such records"
    assert remarks(jobs) == [unknown] and remarks(jobs, 0) == []
    edit("recipe/a.py", OTHER["number"])
    head = ["made by other code than the present one: 3 of 5 finished jobs", "  changed since: recipe/a.py"]
    named = [f"      {job}" for job in jobs[:3]]
    command = "to make them again, with all that depends on them: make rerun CONFIG=config/x.py"
    assert remarks(jobs) == [*head, "    3 x Job", *named, unknown, command]
    assert remarks(jobs, 2) == [*head, "    3 x Job", *named[:2], "      and 1 more", unknown, command]
    assert remarks(jobs, 0) == [*head, "    3 x Job", command]
