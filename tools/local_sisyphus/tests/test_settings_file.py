"""Settings: what is obeyed, and what is refused."""

import pytest
from sisyphus import gs
from sisyphus.settings_file import UnsupportedSetting, load_settings


@pytest.fixture
def settings(base, monkeypatch):
    """Loads a settings file with the given text; everything it sets is undone afterwards."""
    before = dict(vars(gs))

    def load(text):
        (base / "settings.py").write_text(text)
        load_settings()

    yield load
    vars(gs).clear()
    vars(gs).update(before)


def test_a_file_and_then_the_environment_overlay_the_defaults(settings, monkeypatch):
    monkeypatch.setenv("SIS_PRINT_ERROR_LINES", "7")
    monkeypatch.setenv("SIS_TEXT", "a b")
    settings("PRINT_ERROR_LINES = 3\nMAX_SUBMIT_RETRIES = 1\nRETURNN_ROOT = '/opt/returnn'\n")
    assert (gs.PRINT_ERROR_LINES, gs.MAX_SUBMIT_RETRIES, gs.TEXT, gs.RETURNN_ROOT) == (7, 1, "a b", "/opt/returnn")


@pytest.mark.parametrize("name", sorted(gs.FIXED_SETTINGS))
def test_what_changes_ids_or_safety_is_refused_and_not_ignored(settings, name):
    settings(f"{name} = {gs.FIXED_SETTINGS[name]!r}\n")
    with pytest.raises(UnsupportedSetting, match=f"{name} is 'other'; the bundled engine supports"):
        settings(f"{name} = 'other'\n")


def test_a_refused_setting_is_one_line(project):
    with open(project.folder / "settings.py", "a") as file:
        file.write("JOB_USE_TAGS_IN_PATH = True\n")
    result = project.sis("manager", "-r", "config/graphs.half")
    assert result.returncode == 1 and not project.jobs()
    assert result.stderr.splitlines()[1:] == [
        "sis: JOB_USE_TAGS_IN_PATH is True; the bundled engine supports False only: remove the setting, or install "
        "Sisyphus"
    ]


def test_another_hash_moves_the_ids_of_a_graph(project):
    with open(project.folder / "settings.py", "a") as file:
        file.write("def SIS_HASH(value):\n    return 'h' + short_hash(value)[:3]\n")
    assert project.sis("manager", "-r", "config/graphs.half").returncode == 0
    (folder,) = (project.folder / "work" / "demo").iterdir()
    assert len(folder.name) == len("Write.h123") and folder.name.startswith("Write.h")


REMARKS = """
def finished_job_remarks(job_dirs, shown_jobs=None):
    return [f"{len(job_dirs)} jobs, {shown_jobs} shown: {job_dirs[0].split('.')[0]}"] if job_dirs else []
"""


def test_remarks_of_the_settings_on_finished_jobs_are_printed(project):
    settings = project.folder / "settings.py"
    settings.write_text(settings.read_text() + REMARKS)
    first = project.sis("manager", "-r", "config/graphs.whole")
    assert first.returncode == 0 and "shown" not in first.stdout  # nothing was finished when it started
    shown = {
        ("manager", "-r", "config/graphs.whole"): 0,
        ("status", "config/graphs.whole"): 5,
        ("status", "-a", "config/graphs.whole"): None,
        ("verify", "config/graphs.whole"): None,
        ("verify",): None,
    }
    for command, number in shown.items():
        run = project.sis(*command)
        assert run.returncode == 0
        assert f"5 jobs, {number} shown: work/demo/" in run.stdout, (command, run.stdout)
