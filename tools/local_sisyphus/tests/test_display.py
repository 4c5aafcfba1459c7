"""What is told: reasons of failures, lines, the live block."""

import io
import re
import time

import pytest
from sisyphus import Job, gs
from sisyphus import state as st
from sisyphus.display import LiveDisplay, PlainDisplay, display_for, duration
from sisyphus.durations import Durations
from sisyphus.failures import log_tail, reason
from sisyphus.job_directory import mark, set_up
from sisyphus.localengine import LocalEngine
from sisyphus.outlook import Outlook, rough
from sisyphus.progress import Progress, read_progress
from sisyphus.watchdog import Watchdog

TRACEBACK = ["Traceback (most recent call last):", '  File "x.py", line 1, in f', "    x", "    ^"]


@pytest.mark.parametrize(
    "log, told",
    [
        (["start", *TRACEBACK, "KeyError: 'x'"], "KeyError: 'x'"),
        ([*TRACEBACK, "recipe.errors.InputError: line 3 is short; fix it."], "line 3 is short; fix it."),
        ([*TRACEBACK, "recipe.given_audio.RecordingInputError: a.wav is cut; fix it."], "a.wav is cut; fix it."),
        ([*TRACEBACK, "ValueError: first", "", *TRACEBACK, "demo.Odd: two", "lines"], "demo.Odd: two"),
        (
            ["killed soon", "the worker died with status 137"],
            "the worker was killed by SIGKILL, perhaps because memory ran out",
        ),
        (["the worker died with status 143"], "the worker was killed by SIGTERM"),
        (["the worker died with status 3"], "the worker ended with exit status 3 without an exception"),
        (["only words"], "only words"),
        ([], "failed with an empty log"),
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
    def __init__(self, states, behind=()):
        self.states = states
        self.needed = list(states)
        self.behind = dict(behind)
        self.engine = LocalEngine(cpus=2)
        self.watchdog = Watchdog(self.engine, None)

    def blocked(self):
        return self.behind

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
    other = Shown("b")
    scheduler = FakeScheduler({job: st.RUNNING, other: st.WAITING}, {other: job})
    display.state_changed(job, st.RUNNING, 0.0, None)
    display.update(scheduler)
    display.state_changed(job, st.ERROR, 61.0, "asks for too much")
    display.output_ready("output/x")
    display.close(scheduler)
    lines = [line[9:] if line[2:3] == ":" else line for line in stream.getvalue().splitlines()]
    assert lines[0] == f"started: {job}"
    assert lines[1] == "3/5 jobs done, 1 running, 1 waiting"
    assert lines[2] == f"   42% epoch 5/12 {job.job_id()}  1:01 min"
    assert lines[3] == f"  1 waiting for {job.job_id()} (running)"
    assert lines[4:6] == ["FAILED: asks for too much", f"  {job}"]
    assert lines[6:9] == ["output: output/x", "new outputs:", "  output/x"]
    assert lines[9].startswith("failed; fix") and lines[10] == f"  asks for too much  [{job}]"
    assert lines[11].startswith("3/5 jobs done, 1 running, 1 waiting; total time ")
    assert "\x1b" not in stream.getvalue()


def test_summaries_of_an_unchanged_state_become_rare(job, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    display, scheduler = PlainDisplay(io.StringIO()), FakeScheduler({job: st.RUNNING})
    for second in range(10 * 3600):
        clock[0] = float(second)
        display.update(scheduler)
    assert 55 < display.stream.getvalue().count("3/5 jobs done") < 70  # ten hours: every ten minutes
    display.state_changed(job, st.RUNNING, 0.0, None)
    clock[0] += 31
    display.update(scheduler)
    assert display.stream.getvalue().splitlines()[-2].endswith("3/5 jobs done, 1 running")


def finish(job, **hours):
    """Mark a job as finished whose task ids took so long on two cores each."""
    set_up(job)
    for task_id, hours_used in hours.items():
        usage = {"used_time": hours_used, "requested_resources": {"cpu": 2}}
        with open(job._sis_path(f"usage.{task_id.replace('_', '.')}"), "w") as file:
            file.write(repr(usage))
    mark(job._sis_path("finished"))


def test_costs_come_from_finished_jobs_of_the_same_kind(base):
    durations = Durations()
    assert durations.of(Shown("new")) is None
    for name, hours in {"a": 0.1, "b": 0.2, "c": 5.0}.items():
        finish(Shown(name), prepare_1=hours, run_1=0.1, run_2=0.3)
        durations.add(Shown(name))
    duration_s, core_s = durations.of(Shown("new"))
    assert (duration_s, core_s) == (pytest.approx(0.5 * 3600), pytest.approx(2 * 0.6 * 3600))
    assert Durations().of(Shown("new")) == durations.of(Shown("new"))


def test_jobs_of_one_class_that_read_from_other_kinds_of_jobs_have_costs_of_their_own(base):
    made, measured = Chained("made"), Shown("measured")
    measured.out = measured.output_path("out")
    for number in range(3):
        finish(Chained(f"quick {number}", [made.out]), run_1=0.1)
    finish(Chained("slow", [made.out, measured.out]), run_1=2.0)
    costs = [Durations().of(Chained("new", inputs)) for inputs in ([made.out], [made.out, measured.out], [])]
    assert [cost.duration_s / 3600 for cost in costs] == pytest.approx([0.1, 2.0, 0.1])
    durations = Durations()
    assert durations.of(Chained("new", [made.out, measured.out])).duration_s == pytest.approx(7200)
    finish(Chained("slower", [made.out, measured.out]), run_1=4.0)
    durations.add(Chained("slower", [made.out, measured.out]))
    assert durations.of(Chained("new", [made.out, measured.out])).duration_s == pytest.approx(3 * 3600)


def test_a_job_tells_its_time_left_by_its_own_pace_or_by_others(job, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    outlook = Outlook()
    assert outlook.job_left_s(job, 5.0) is None
    finish(Shown("other"), run_1=0.1)
    outlook.job_finished(Shown("other"))
    assert outlook.job_left_s(job, 60.0) == pytest.approx(300)
    assert outlook.job_left_s(job, 60.0, Progress(0.5, "resumed half way")) == pytest.approx(300)
    clock[0] += 10
    assert outlook.job_left_s(job, 70.0, Progress(0.6, "")) == pytest.approx(40)
    assert outlook.job_left_s(job, 70.0, Progress(0.1, "the next stage")) == pytest.approx(290)


class Chained(Job):
    def __init__(self, name, inputs=()):
        self.name = name
        self.inputs = inputs
        self.out = self.output_path("out")


def test_the_total_is_the_longer_of_work_per_core_and_longest_chain(base):
    finish(Chained("done"), run_1=1.0)  # an hour on two cores
    finish(Chained("done as well", [Chained("done").out]), run_1=1.0)
    first = Chained("first")
    chain = [first, Chained("second", [first.out]), Chained("third", [first.out])]
    states = dict.fromkeys(chain, st.WAITING)

    def told(states, behind=()):
        return Outlook().total(FakeScheduler(states, behind))

    assert told(states) == "about 3.0 h left"  # six core hours on two cores
    scheduler = FakeScheduler(states)
    scheduler.engine = LocalEngine(cpus=100)
    assert Outlook().total(scheduler) == "about 2.0 h left"
    assert told(states, {chain[2]: first}) == "about 2.0 h left"
    assert told({**states, Shown("unknown"): st.WAITING}) == "over 3.0 h left"
    assert told({first: st.ERROR}) == ""
    both = Chained("reads two", [first.out, chain[1].out])
    assert told({**states, both: st.WAITING}) == "over 4.0 h left"  # as long as its class, which may be wrong


@pytest.mark.parametrize(
    "seconds, text", [(5, "5 s"), (89, "89 s"), (185, "3 min"), (7800, "2.2 h"), (2e5, "2.3 days")]
)
def test_rough_durations(seconds, text):
    assert rough(seconds) == text


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
    with display.aside():
        print("printed by a callback", file=screen)
    assert screen.visible()[3] == "printed by a callback" and screen.visible()[4:] == shown[3:]
    display.close(scheduler)
    lines = screen.visible()
    assert [line[9:14] for line in (*lines[:3], lines[4])] == ["first", "secon", "third", "3/5 j"]
