import contextlib

import psutil
import pytest

from recipe.training.returnn_process import failure, run_returnn


@pytest.mark.parametrize(
    "lines, returncode, expected",
    [
        (["\x1b[31mValueError\x1b[0m: no data\n", "  in step 3\n"], 1, "ValueError: no data"),
        (
            ["KeyError: 'x'\n", "recipe.errors.InputError: mend it\n", "Quitting\n"],
            1,
            "recipe.errors.InputError: mend it",
        ),
        (["ep 1 train, step 0\n"], -9, "signal 9"),
        ([], 2, "exit status 2"),
    ],
)
def test_the_last_message_is_the_failure(lines, returncode, expected):
    assert failure(lines, returncode) == expected


def test_a_failing_run_ends_in_one_sentence(tmp_path):
    config = tmp_path / "folder ü" / "returnn.config"
    config.parent.mkdir()
    config.write_text("#!rnn.py\nraise ValueError('this config is empty')\n", encoding="utf-8")
    with pytest.raises(RuntimeError) as error:
        run_returnn(config, config.with_name("returnn.log"))
    assert str(error.value) == "RETURNN failed (ValueError: this config is empty); its whole log is returnn.log"
    assert "Traceback" in config.with_name("returnn.log").read_text(encoding="utf-8")


def test_an_interruption_leaves_no_process_behind(tmp_path):
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
