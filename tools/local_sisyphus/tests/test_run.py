"""Whole graphs through `sis manager`: success and failure."""

import os
import re


def test_a_graph_runs_to_its_outputs_and_once_only(project):
    result = project.sis("manager", "-r", "config/graphs.whole")
    assert result.returncode == 0, result.stdout + result.stderr
    assert project.text("output/joined/first.txt") == "a bb c 1 2 1\n"
    assert project.text("output/joined/second.txt") == "a bb c 1 2 1 a\n"
    assert sorted(os.listdir(project.folder / "output/c/pieces")) == ["0", "1", "2"]
    assert "5/5 jobs done" in result.stdout
    assert "new outputs:\n  output/" in result.stdout
    assert os.readlink(project.folder / "alias/first/writer").startswith(f"{project.folder}/work/demo/Write.")

    again = project.sis("manager", "-r", "config/graphs.whole")
    assert again.returncode == 0
    assert "started" not in again.stdout and "new outputs" not in again.stdout
    assert project.text("output/joined/first.txt") == "a bb c 1 2 1\n"


def test_the_files_of_a_job(project):
    project.sis("manager", "-r", "config/graphs.whole")
    (job,) = [job for job in project.jobs() if len(list(job.glob("finished.piece.*"))) == 3]
    ids = [f"{kind}.piece.{number}" for kind in ("finished", "log", "tries", "usage") for number in (1, 2, 3)]
    ids += ["finished.write.1", "log.write.1", "tries.write.1", "usage.write.1", "submit_log.write", "submit_log.piece"]
    folders = ["engine", "input", "output", "work"]
    assert sorted(os.listdir(job)) == sorted([*ids, *folders, "finished", "info", "job.save", "manifest"])
    assert (job / "info").read_text() == "PARAMETER: parts: 3\nPARAMETER: text: c\n"
    entry = {"cpu": 1, "mem": 1, "time": 1, "engine_info": os.uname().nodename, "engine_name": "local"}
    assert eval((job / "submit_log.piece").read_text()) == ([1, 2, 3], {**entry, "completed_fraction": None})
    usage = eval((job / "usage.piece.3").read_text())
    assert usage["host"] == os.uname().nodename and 0 < usage["max"]["rss"] < 1
    assert usage["requested_resources"] == {"cpu": 1, "mem": 1, "time": 1}


def test_a_task_sees_a_clean_environment_and_the_base_directory(project):
    assert project.sis("manager", "-r", "config/graphs.seen").returncode == 0
    cwd, name, *environment = project.text("output/seen.txt").splitlines()
    assert cwd == str(project.job("Report") / "work")
    assert name == "top level"
    assert environment == ["OMP_NUM_THREADS=1", "VIRTUAL_ENV=None", "SECRET=None"]


def test_failures_are_told_in_one_line_each(project):
    result = project.sis("manager", "-r", "config/graphs.failures")
    assert result.returncode == 1
    failed = [line.partition("FAILED: ")[2] for line in result.stdout.splitlines() if "FAILED: " in line]
    assert sorted(failed) == sorted(
        [
            "a.stm line 3 has no end time; add it.",
            "KeyError: 'missing key'",
            "the worker was killed by SIGKILL, perhaps because memory ran out",  # four times
            "interrupted more than 3 times without getting further; start with -ro to try again",
            "task run asks for mem=100, but this machine's engine has 8; lower the rqmt of the job or use a larger "
            "machine",
            "the job ended without writing its outputs never.txt",
        ]
    )
    assert project.text("output/failures/third time") == "at last\n"
    assert "from config/graphs.py:" in result.stdout
    assert "1/8 jobs done, 5 error, 1 retry_error, 1 waiting" in result.stdout
    (third,) = [job for job in project.jobs() if (job / "log.run.1.error.02").exists()]
    assert (third / "log.run.1.error.01").exists() and not (third / "error.run.1").exists()

    status = project.sis("status", "config/graphs.failures")
    assert status.returncode == 1
    assert "waiting: Job<work/demo/Join." in status.stdout and "(error)" in status.stdout

    cleared = project.sis("manager", "-r", "-co", "config/graphs.failures")
    assert cleared.stdout.count("cleared: ") == 5
    assert len(list((project.folder / "work/demo").glob("*.cleared.0001"))) == 5


def test_removed_markers_rerun_only_their_ids(project):
    (project.folder / "broken").touch()
    result = project.sis("manager", "-r", "config/graphs.whole")
    assert result.returncode == 1
    assert re.search("piece [12] is broken; remove the file.", result.stdout)  # whichever of the two failed first
    job = next((project.folder / "work/demo").glob("*/error.piece.2")).parent
    (project.folder / "broken").unlink()
    for number in (2, 3):
        (job / f"error.piece.{number}").unlink()
        (job / f"log.piece.{number}").unlink()
    assert project.sis("manager", "-r", "config/graphs.whole").returncode == 0
    assert (job / "output/pieces/0").read_text() == "0\n"
    assert (job / "output/pieces/2").read_text() == "2\n"


def test_external_inputs_and_held_jobs(project):
    missing = project.sis("manager", "-r", "config/graphs.external")
    assert missing.returncode == 1
    assert f"input missing: {project.folder}/later.txt does not exist and no job creates it" in missing.stdout
    (project.folder / "later.txt").write_text("late\n")
    project.sis("status", "config/graphs.sets_up")
    (project.job("Join") / "hold").touch()
    assert "held: Job<" in project.sis("manager", "-r", "config/graphs.external").stdout
    (project.job("Join") / "hold").unlink()
    assert project.sis("manager", "-r", "config/graphs.external").returncode == 0
    assert project.text("output/joined.txt") == "late\n"


def test_update_may_add_jobs(project):
    result = project.sis("manager", "-r", "config/graphs.grows")
    assert result.returncode == 0, result.stdout
    assert project.text("output/grown.txt") == "4\n"
    assert "6/6 jobs done" in result.stdout
    assert project.sis("manager", "-r", "config/graphs.grows").returncode == 0


def test_jobs_at_once_reports_and_callbacks(project):
    result = project.sis("manager", "-r", "config/graphs.at_once")
    assert result.returncode == 0, result.stderr
    assert project.text("output/report.txt") == "length 3\n"
    assert result.stdout.count("called back 3") == 1


def test_a_moved_project_goes_on(project, tmp_path):
    project.sis("manager", "-r", "config/graphs.half")
    project.folder = project.folder.rename(tmp_path / "moved")
    result = project.sis("manager", "-r", "config/graphs.whole")
    assert result.returncode == 0, result.stdout
    assert (project.folder / "output/joined/first.txt").resolve().is_relative_to(project.folder)
    assert os.readlink(project.folder / "output/c/pieces").startswith(str(project.folder))


def test_a_failing_config_is_one_line(project):
    result = project.sis("manager", "-r", "config/graphs.wrong")
    assert result.returncode == 1
    told = re.sub(r"py:\d+", "py:LINE", result.stderr)
    assert told.splitlines()[1:] == ["sis: config/graphs.py:LINE: weight_bits is 9; give 1 to 8."]
    assert "Traceback" in project.sis("--log_level", "10", "manager", "-r", "config/graphs.wrong").stderr
    assert "there is no config config/none.py" in project.sis("manager", "-r", "config/none.py").stderr


def test_nothing_starts_without_r(project):
    result = project.sis("manager", "-co", "config/graphs.half")
    assert result.returncode == 1 and not project.jobs()
    assert result.stdout.splitlines()[0] == "nothing is started without -r; the states are:"
    assert "runnable: Job<work/demo/Write." in result.stdout


def test_waiting_jobs_of_one_kind_share_a_line(project):
    config = "config.graphs.many(200)"
    assert project.sis("status", config).stdout.splitlines() == [
        "runnable: 200 x demo/Write",
        "waiting: 200 x demo/Join for demo/Write (runnable)",
        "0/400 jobs done, 200 runnable, 200 waiting",
    ]
    every = project.sis("status", "--all", config).stdout.splitlines()
    assert len(every) == 401 and sum(" waits for demo/Write." in line for line in every) == 200


def test_slurm_needs_the_real_one(project):
    with open(project.folder / "settings.py", "a") as file:
        file.write(
            "def engine():\n"
            "    from sisyphus import simple_linux_utility_for_resource_management_engine as slurm\n"
            "    return slurm.SimpleLinuxUtilityForResourceManagementEngine(default_rqmt={})\n"
        )
    result = project.sis("manager", "-r", "config/graphs.half")
    assert result.returncode == 1
    assert "sis: SLURM needs the real Sisyphus" in result.stderr and "Traceback" not in result.stderr
