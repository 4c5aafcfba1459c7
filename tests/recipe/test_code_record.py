"""What a task notes of the code that it ran."""

import hashlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from recipe import code_record
from recipe.code_changes import PresentCode
from recipe.code_record import FOLDER_VARIABLE, STORE, forget_records, recorded_in_subprocess, recording
from tests.job_classes import job_classes

JOB_ID = "stage/jobs/SomeJob.abc"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A checkout of two modules, of which recipe/used.py is imported, as all that this process sees of the project."""
    root = tmp_path / "check out"
    for package in code_record.PACKAGES:
        (root / package).mkdir(parents=True)
    for name in ("used", "unused"):
        (root / "recipe" / f"{name}.py").write_text(f"NAME = '{name}'\n")
    for name in [name for name in sys.modules if name.partition(".")[0] in code_record.PACKAGES]:
        monkeypatch.delitem(sys.modules, name)
    used = ModuleType("recipe.used")
    used.__file__ = str(root / "recipe" / "used.py")
    monkeypatch.setitem(sys.modules, "recipe.used", used)
    monkeypatch.setattr(code_record, "checkout", lambda: root)
    return root


@pytest.fixture
def job_dir(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "work" / JOB_ID
    (folder / "work").mkdir(parents=True)
    monkeypatch.chdir(folder / "work")
    return folder


def job_that(does, job_id: str = JOB_ID):
    """A job of one task, `run`, as a worker sees it after it has asked for the tasks."""

    class SomeJob:
        tasks = recording(lambda self: iter([SimpleNamespace(name=lambda: "run")]))

        def job_id(self):
            return job_id

        def run(self, *args):
            return does(*args)

    job = SomeJob()
    for _ in range(2):  # also a second time
        list(job.tasks())
    return job


def records(folder: Path) -> list[dict[str, str]]:
    return [json.loads(path.read_text())["modules"] for path in sorted(folder.glob("code.*"))]


def test_a_task_notes_what_it_imported_and_keeps_the_sources(project, job_dir):
    assert job_that(lambda *args: args).run(1, 2) == (1, 2)
    [modules] = records(job_dir)
    assert list(modules) == ["recipe/used.py"]
    stored = job_dir.parents[2] / STORE / f"{modules['recipe/used.py']}.py"
    assert stored.read_bytes() == (project / "recipe" / "used.py").read_bytes()
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_a_c_source_beside_an_imported_module_is_noted_and_any_change_of_it_is_one(project, job_dir):
    native = project / "recipe" / "used.c"
    native.write_text("f(x)\n")
    (project / "config" / "unused.c").write_text("int y;\n")
    job_that(lambda: None).run()
    assert [list(modules) for modules in records(job_dir)] == [["recipe/used.c", "recipe/used.py"]]
    assert PresentCode(project).changed_since(job_dir) == ()
    native.write_text("f( x)\n")  # the same code if it were Python
    assert PresentCode(project).changed_since(job_dir) == ("recipe/used.c",)


def test_tasks_of_the_same_code_share_a_record_and_others_add_one(project, job_dir):
    for _ in range(3):
        job_that(lambda: None).run()
    assert len(records(job_dir)) == 1
    (project / "recipe" / "used.py").write_text("NAME = 'edited'\n")
    job_that(lambda: None).run()
    assert len({modules["recipe/used.py"] for modules in records(job_dir)}) == 2


def test_an_edit_while_a_task_runs_is_not_what_it_ran(project, job_dir):
    source = project / "recipe" / "used.py"
    before = source.read_bytes()
    job_that(lambda: source.write_text("NAME = 'edited meanwhile'\n")).run()
    [modules] = records(job_dir)
    assert (job_dir.parents[2] / STORE / f"{modules['recipe/used.py']}.py").read_bytes() == before


def test_what_an_editor_leaves_beside_a_module_stops_nothing(project, job_dir):
    (project / "recipe" / ".#used.py").symlink_to("nobody@nowhere")
    job_that(lambda: None).run()
    assert [list(modules) for modules in records(job_dir)] == [["recipe/used.py"]]


def test_a_task_that_fails_leaves_no_record(project, job_dir):
    def fail():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        job_that(fail).run()
    assert records(job_dir) == []


def test_a_task_that_is_killed_while_it_records_leaves_no_half_record(project, job_dir, monkeypatch):
    """Each run is stopped before one more rename than the one before, until one ends."""
    store, rename = job_dir.parents[2] / STORE, os.replace
    for allowed in range(10):
        left = [allowed]

        def killed_at_the_last(source, target, left=left):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            rename(source, target)

        monkeypatch.setattr(code_record.os, "replace", killed_at_the_last)
        try:
            job_that(lambda: None).run()
        except KeyboardInterrupt:
            assert records(job_dir) == []
            digests = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in store.glob("[!.]*")}
            assert all(name == digest for name, digest in digests.items())
        else:
            break
    assert allowed > 0 and len(records(job_dir)) == 1


def test_nothing_is_written_where_no_worker_runs(project, job_dir):
    job_that(lambda: None, job_id="stage/jobs/OtherJob.abc").run()
    assert {path.name for path in job_dir.rglob("*")} == {"work"} and not (job_dir.parents[2] / STORE).exists()


def test_a_record_of_a_subprocess_is_taken_over_unless_it_is_forgotten(project, job_dir, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(job_dir / "work"))
    (job_dir.parents[2] / STORE).mkdir()
    step = recorded_in_subprocess(lambda number: number + 1)
    (project / "recipe" / "used.py").write_text("NAME = 'edited after the subprocess has started'\n")
    assert [step(1), step(2)] == [2, 3]
    assert len(records(job_dir / "work")) == 1
    job_that(lambda: None).run()
    assert len({modules["recipe/used.py"] for modules in records(job_dir)}) == 2
    forget_records(job_dir / "work")
    assert records(job_dir / "work") == [] and len(records(job_dir)) == 2


def test_outside_of_a_task_a_step_is_what_it_was(project, monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)

    def step():
        pass

    assert recorded_in_subprocess(step) is step


def test_tasks_of_every_job_class_leave_a_record():
    """`tasks` of each class, its own or inherited, is one that RecipeJob wrapped."""
    plain = [cls.__name__ for cls in job_classes() if not hasattr(cls.tasks, "__wrapped__")]
    assert plain == []
