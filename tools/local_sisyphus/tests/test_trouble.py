"""A manager that cannot use its folders says so in one sentence: what, where, the mend."""

import errno
import os
import subprocess
import sys

import pytest
from sisyphus import gs
from sisyphus.trouble import sentence

CAN_MOUNT = not subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode
mounts = pytest.mark.skipif(not CAN_MOUNT, reason="nothing can be mounted here (unshare -rm)")
RUN = ("manager", "-r", "config/graphs.half")


def refusal(run: subprocess.CompletedProcess) -> str:
    """The one sentence of a refused start."""
    assert run.returncode == 1 and "Traceback" not in run.stdout + run.stderr
    [line] = [line for line in run.stderr.splitlines() if not line.startswith("sis: running ")]
    return line


def mounted(project, script: str, *arguments: str) -> subprocess.CompletedProcess:
    """A command of the engine after mounts that only it sees."""
    command = ["unshare", "-rm", "sh", "-c", f'set -e; {script}; exec "$@"', "sh", *project.command(*arguments)]
    return subprocess.run(
        command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("name", ["work", "alias", "output"])
@pytest.mark.parametrize(
    "make", [lambda path: path.write_text("a file"), lambda path: path.symlink_to("nowhere/at/all")]
)
def test_a_file_in_place_of_a_folder(project, name, make):
    make(project.folder / name)
    assert refusal(project.sis(*RUN)) == f"sis: {name} is a file where a folder is needed; move it away"
    if name == "work" and not (project.folder / name).is_symlink():
        assert "work is a file" in refusal(project.sis("status", "config/graphs.half"))


@mounts
def test_a_work_directory_that_is_mounted_read_only(project):
    (project.folder / "work").mkdir()
    line = refusal(mounted(project, "mount --bind work work; mount -o remount,ro,bind work", *RUN))
    assert line.startswith(
        "sis: work cannot be written, because its file system is mounted read-only; mount it writable"
    )


READ_ONLY_LATER = """
def check_engine_limits(rqmt, task):
    if type(task.job).__name__ == "Join":
        path = BASE_DIR + "/work/demo/x"
        raise OSError(30, "Read-only file system", path)
    return rqmt
"""


def test_a_work_directory_that_becomes_read_only_during_a_run(project):
    """As a submission finds it. No job is blamed; what runs is stopped."""
    with open(project.folder / "settings.py", "a") as file:
        file.write(READ_ONLY_LATER)
    manager = project.start("manager", "-r", "config/graphs.waits_beside_external")
    pids = project.started_task()
    (project.folder / "later.txt").touch()
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 1 and "Traceback" not in output and "FAILED" not in output
    assert output.splitlines()[-1].startswith("sis: work/demo/x cannot be written, because its file system is mounted")
    assert not any(map(project.is_alive, pids))


@mounts
def test_no_inodes_left(project):
    (project.folder / "work").mkdir()
    line = refusal(mounted(project, "mount -t tmpfs -o nr_inodes=1 none work", *RUN))
    assert "no number of files (inodes) left; delete what is not needed there" in line and "work/.manager.lock" in line


@pytest.mark.skipif(os.geteuid() == 0 and not CAN_MOUNT, reason="root may write everywhere")
@pytest.mark.parametrize("arguments", [RUN, ("status", "config/graphs.half")])
def test_a_work_directory_of_somebody_else(project, arguments):
    work = project.folder / "work"
    work.mkdir()
    work.chmod(0o000)
    if os.geteuid() == 0:
        os.chown(work, 65534, 65534)
        line = refusal(mounted(project, "true", *arguments))
    else:
        line = refusal(project.sis(*arguments))
        work.chmod(0o700)
    assert line.startswith("sis: work may not be used by this user (number 0), it belongs to number ")
    assert line.endswith(" with mode 0; change that with `chown`")


def test_a_lock_that_is_no_file(project):
    (project.folder / "work/.manager.lock").mkdir(parents=True)
    assert refusal(project.sis(*RUN)).endswith(
        "/work/.manager.lock is no file, so that no manager can hold it; remove it"
    )
    assert "is no file" in refusal(project.sis("clear", "demo/x"))
    (project.folder / "work/.manager.lock").rmdir()
    os.mkfifo(project.folder / "work/.manager.lock")
    assert "is no file" in refusal(project.sis(*RUN))


@pytest.mark.parametrize("content", [b"", b"\xff\0\0garbage", b"[1, 2]", b'{"pid": 1}'])
def test_a_lock_with_other_content_refuses_nobody_unless_it_is_held(project, content):
    (project.folder / "work").mkdir()
    lock = project.folder / "work/.manager.lock"
    lock.write_bytes(content)
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    assert "another manager uses" in (line := refusal(project.sis(*RUN))) and "does not name it" in line
    process.communicate(b"\n")
    assert project.sis(*RUN).returncode == 0


@pytest.mark.parametrize(
    "number, words",
    [
        (errno.EDQUOT, "work/a cannot be written, because the quota of this user is used up; delete"),
        (errno.EIO, "work/a cannot be read or written, because its disk reports errors; see `dmesg`"),
        (errno.ELOOP, "work/a is a link that leads back to itself; remove it"),
        (errno.EISDIR, "work/a is a folder where a file is needed; remove it"),
        (errno.EAGAIN, "the system gives no further process, file or memory; see `ulimit -a`"),
        (errno.ENAMETOOLONG, "work/a: File name too long; `--log_level 10` shows where that happened"),
    ],
)
def test_other_errors_of_the_system(base, number, words):
    assert words in sentence(OSError(number, os.strerror(number), os.path.join(gs.BASE_DIR, "work/a")))
