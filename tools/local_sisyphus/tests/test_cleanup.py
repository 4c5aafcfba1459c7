"""Packing finished jobs, and taking jobs over from another work directory."""

import os
import shutil
import tarfile

import pytest
from sisyphus import gs
from sisyphus.cleanup import pack


@pytest.fixture
def packing(project):
    with open(project.folder / "settings.py", "a") as file:
        file.write("JOB_AUTO_CLEANUP = True\n")
    return project


def test_a_packed_graph_is_finished_and_whole(packing):
    packing.finished("config/graphs.whole")
    assert packing.text("output/joined/first.txt") == "a bb c 1 2 1\n"
    for job in packing.jobs():
        assert sorted(os.listdir(job)) == ["finished.tar.gz", "info", "input", "output"]
        with tarfile.open(job / "finished.tar.gz") as archive:
            names = set(archive.getnames())
        assert {"engine", "finished", "job.save", "manifest"} <= names and not any("work" in name for name in names)
    again = packing.sis("manager", "-r", "config/graphs.whole")
    assert again.returncode == 0 and "started" not in again.stdout
    verified = packing.sis("verify")
    assert verified.returncode == 0 and verified.stdout.startswith("5 finished jobs, 13 files")
    job = packing.jobs()[0]
    program = "import sys; from sisyphus import tk; print(tk.load_job(sys.argv[1]).job_id())"
    assert packing.python(program, str(job)) == f"demo/{job.name}\n"


def test_a_pack_that_was_interrupted_is_completed(base, monkeypatch):
    for name in ("output/x", "work/scratch", "engine/log", "input/link", "log.run.1", "finished", "manifest"):
        (base / name).parent.mkdir(exist_ok=True)
        (base / name).write_text(name)
    whole = shutil.copytree(base, base.with_name("whole"))
    monkeypatch.setattr(gs, "JOB_CLEANUP_KEEP_WORK", True)
    pack(str(base))
    assert sorted(os.listdir(base)) == ["finished.tar.gz", "input", "output", "work"]
    archive = (base / "finished.tar.gz").read_bytes()
    shutil.copytree(whole, base, dirs_exist_ok=True)  # the archive was there, the rest was not removed yet
    monkeypatch.setattr(gs, "JOB_CLEANUP_KEEP_WORK", False)
    monkeypatch.setattr(gs, "JOB_CLEANUP_KEEP_INPUT", False)
    pack(str(base))
    assert sorted(os.listdir(base)) == ["finished.tar.gz", "output"]
    assert (base / "finished.tar.gz").read_bytes() == archive


def test_unfinished_and_linked_jobs_are_not_packed(base):
    (base / "job" / "work").mkdir(parents=True)
    pack(str(base / "job"))
    (base / "job" / "finished").touch()
    (base / "link").symlink_to("job")
    pack(str(base / "link"))
    assert sorted(os.listdir(base / "job")) == ["finished", "work"]


@pytest.mark.parametrize("mode", ["symlink", "copy"])
def test_jobs_of_another_work_directory_are_taken_over(project, tmp_path, mode):
    other = type(project)(tmp_path / "another one")
    work = other.finished("config/graphs.whole")
    (last,) = [job for job in other.jobs() if (job / "input").is_dir() and len(os.listdir(job / "input")) == 2]

    def take(mode):
        return project.sis("status", f"config.graphs.takes({str(work)!r}, {mode!r})")

    assert take("dryrun").stdout.count("dryrun: ") == 4 and not project.jobs()  # one writer: behind finished ones only
    shutil.rmtree(last)
    assert take(mode).stdout.count(f"{mode}: ") == 4
    assert all(job.is_symlink() == (mode == "symlink") for job in project.jobs())
    result = project.sis("manager", "-r", "config/graphs.whole")
    assert result.returncode == 0 and result.stdout.count("started: ") == 1, result.stdout
    assert project.text("output/joined/second.txt") == "a bb c 1 2 1 a\n"
    assert "mode is 'move'" in take("move").stderr
