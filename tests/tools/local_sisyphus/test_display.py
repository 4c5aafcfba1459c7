"""What is told: reasons of failures, lines, the live block."""

import io
import re

import pytest
from sisyphus import Job, gs
from sisyphus import state as st
from sisyphus.display import LiveDisplay, PlainDisplay, display_for, duration
from sisyphus.failures import log_tail, reason
from sisyphus.job_directory import set_up
from sisyphus.progress import Progress, read_progress

TRACEBACK = ["Traceback (most recent call last):", '  File "x.py", line 1, in f', "    x", "    ^"]


@pytest.mark.parametrize(
    "log, told",
    [
        (["start", *TRACEBACK, "KeyError: 'x'"], "KeyError: 'x'"),
        ([*TRACEBACK, "recipe.errors.InputError: line 3 is short; mend it."], "line 3 is short; mend it."),
        ([*TRACEBACK, "ValueError: first", "", *TRACEBACK, "demo.Odd: two", "lines"], "demo.Odd: two"),
        (
            ["killed soon", "the worker died with status 137"],
            "the worker was killed by SIGKILL, perhaps because memory ran out",
        ),
        (["the worker died with status 143"], "the worker was killed by SIGTERM"),
        (["the worker died with status 3"], "the worker ended with exit status 3 without an exception"),
        (["only words"], "only words"),
        ([], "failed without a word in its log"),
    ],
)
def test_the_reason_is_one_sentence(log, told):
    assert reason(log) == told


def test_only_the_end_of_a_log_is_read(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"\xff" * 200_000 + b"\n" + b"".join(b"line %d\n" % number for number in range(1000)))
    assert log_tail(str(log), 2) == ["line 998", "line 999"]
    assert log_tail(str(tmp_path / "none"), 2) == []


@pytest.mark.parametrize(
    "seconds, text", [(0.44, "0.4 s"), (12.3, "12 s"), (185, "3:05 min"), (7800, "2:10:00 h"), (59.7, "60 s")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


class Shown(Job):
    def __init__(self, name):
        self.name = name


class FakeScheduler:
    def __init__(self, states):
        self.states = states

    def progress(self):
        return 3, 5

    def wall_time_s(self, job):
        return 61


@pytest.fixture
def job(base):
    job = Shown("a")
    set_up(job)
    return job


def write_progress(job, text):
    with open(job._sis_path("work", "progress"), "w") as file:
        file.write(text)


def test_progress_of_a_job(job):
    assert read_progress(job) is None
    write_progress(job, "0.42 epoch 5/12 loss 1.23\nmore\n")
    assert read_progress(job) == Progress(0.42, "epoch 5/12 loss 1.23")
    assert job.completed_fraction() == 0.42
    write_progress(job, "1.7")
    assert read_progress(job) == Progress(1.0, "")
    write_progress(job, "0.")
    assert read_progress(job) == Progress(0.0, "")
    write_progress(job, "soon")
    assert read_progress(job) is None


def test_lines_for_pipes(job, monkeypatch):
    stream = io.StringIO()
    display = display_for(stream)
    assert type(display) is PlainDisplay
    monkeypatch.setattr(gs, "SUMMARY_PERIOD", 0)
    write_progress(job, "0.42 epoch 5/12")
    scheduler = FakeScheduler({job: st.RUNNING, Shown("b"): st.WAITING})
    display.state_changed(job, st.RUNNING, 0.0, None)
    display.update(scheduler)
    display.state_changed(job, st.ERROR, 61.0, "asks for too much")
    display.output_ready("output/x")
    display.close(scheduler)
    lines = [line[9:] if line[2:3] == ":" else line for line in stream.getvalue().splitlines()]
    assert lines[0] == f"started: {job}"
    assert lines[1] == f"3/5 jobs done, 1 running, 1 waiting;    42% epoch 5/12 {job.job_id()}  1:01 min"
    assert lines[2:4] == ["FAILED: asks for too much", f"  {job}"]
    assert lines[4:7] == ["output: output/x", "new outputs:", "  output/x"]
    assert lines[7].startswith("failed; mend") and lines[8] == f"  asks for too much  [{job}]"
    assert lines[9].startswith("3/5 jobs done, 1 running, 1 waiting; total time ")
    assert "\x1b" not in stream.getvalue()


class Screen(io.StringIO):
    """A terminal that knows the two control sequences of the live display: up N lines, and clear what follows."""

    def isatty(self):
        return True

    def visible(self) -> list[str]:
        text = ""
        for part in re.split(r"\x1b\[(\d+F|J)", self.getvalue()):
            if re.fullmatch(r"\d+F", part):
                text = "".join(text.splitlines(keepends=True)[: -int(part[:-1])])
            elif part != "J":
                text += part
        return text.splitlines()


def test_the_live_block_stays_below_the_lines(job, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    display = display_for(screen)
    assert type(display) is LiveDisplay
    scheduler = FakeScheduler({job: st.RUNNING})
    display.note("first")
    display.update(scheduler)
    display.note("second")
    display._drawn_s = 0
    write_progress(job, "0.5 half")
    display.update(scheduler)
    display.note("third")
    shown = screen.visible()
    assert [line[9:] for line in shown[:3]] == ["first", "second", "third"]
    assert shown[3].startswith("3/5 jobs done, 1 running")
    assert shown[4].startswith(f"   50% half {job.job_id()}")
    assert len(shown) == 5
    display.close(scheduler)
    assert [line[9:14] for line in screen.visible()[:4]] == ["first", "secon", "third", "3/5 j"]
