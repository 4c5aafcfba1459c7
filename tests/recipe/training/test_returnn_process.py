import contextlib
import os
import sys

import psutil
import pytest

from recipe.training.returnn_process import failure, run_returnn, step_of


@pytest.mark.parametrize(
    "lines, returncode, expected",
    [
        (["\x1b[31mValueError\x1b[0m: no data\n", "  in step 3\n"], 1, "ValueError: no data"),
        (
            ["KeyError: 'x'\n", "recipe.errors.InputError: repair it\n", "Quitting\n"],
            1,
            "recipe.errors.InputError: repair it",
        ),
        (["ep 1 train, step 0\n"], -9, "signal 9"),
        ([], 2, "exit status 2"),
    ],
)
def test_the_last_message_is_the_failure(lines, returncode, expected):
    assert failure(lines, returncode) == expected


@pytest.mark.parametrize(
    "line, expected",
    [
        ("ep 3 train, step 2, ctc 1.234, 0.1 sec/step, elapsed 0:00:01, complete 42.00%", (3, "train", "1.234", 0.42)),
        ("ep 3 train, step 1, transducer 1.234e+04, 0.1 sec/step, complete 5.00%", (3, "train", "1.234e+04", 0.05)),
        ("ep 12 dev eval, step 0, ctc nan, 0.100 sec/step, complete 100.00%", (12, "dev", "nan", 1.0)),
        ("ep 1 dev eval, step 7, 0.100 sec/step, elapsed 0:00:01, complete 50.00%", (1, "dev", None, 0.5)),
        ("ep 3 train, step 12, ctc 1.234, 0.100 sec/step, (unk epoch len)", None),
        ("ep 1 train num_seqs: 20", None),
    ],
)
def test_a_step_is_read_from_the_log_whatever_the_loss_is_called(line, expected):
    assert step_of(line + "\n") == expected


@pytest.fixture(params=["program", "fork"])
def way(request, monkeypatch):
    """How RETURNN is started; neither may leave traces in this process."""
    monkeypatch.setattr("recipe.training.returnn_process.can_fork", lambda: request.param == "fork")
    before = os.getcwd(), list(sys.argv)
    yield request.param
    assert (os.getcwd(), list(sys.argv)) == before


def test_a_failing_run_ends_in_one_sentence(tmp_path, monkeypatch, way):
    config = tmp_path / "folder ü" / "returnn.config"
    config.parent.mkdir()
    text = "#!rnn.py\nimport os\nprint(dict(os.environ))\nraise ValueError('this config is empty')\n"
    config.write_text(text, encoding="utf-8")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    with pytest.raises(RuntimeError) as error:
        run_returnn(config, config.with_name("returnn.log"))
    assert str(error.value) == "RETURNN failed (ValueError: this config is empty); its whole log is returnn.log"
    log = config.with_name("returnn.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "'OMP_NUM_THREADS': '3'" in log and "'MALLOC_TRIM_THRESHOLD_': '2147483648'" in log  # the user's, then ours


def test_an_interruption_leaves_no_process_behind(tmp_path, way):
    config = tmp_path / "returnn.config"
    child = "open('pid', 'w').write(str(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid))"
    step = "ep 1 train, step 0, ctc 1.0, complete 5.00%"
    text = f"#!rnn.py\nimport subprocess, sys, time\n{child}\nprint({step!r}, flush=True)\ntime.sleep(60)\n"
    config.write_text(text, encoding="utf-8")

    def interrupt(*arguments):
        assert arguments == (1, "train", "1.0", 0.05)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_returnn(config, config.with_name("returnn.log"), interrupt)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int((tmp_path / "pid").read_text())).wait(timeout=10)
