"""The launcher: which engine runs, and what is importable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def sis(tmp_path):
    """Runs `sis` in an empty directory, with `packages` in front of everything installed."""

    def run(*arguments, packages=None, **environment):
        inherited = {name: value for name, value in os.environ.items() if name not in ("SISYPHUS_CHOICE", "PYTHONPATH")}
        if packages is not None:
            environment["PYTHONPATH"] = str(packages)
        return subprocess.run(
            [sys.executable, str(ROOT / "sis"), *arguments],
            cwd=tmp_path,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def make_package(folder, **modules):
    (folder / "sisyphus").mkdir(parents=True)
    for name, text in {"__init__": "", **modules}.items():
        (folder / "sisyphus" / f"{name}.py").write_text(text)
    return folder


def test_another_project_of_that_name_is_not_taken(sis, tmp_path):
    packages = make_package(tmp_path / "packages", __init__="raise SystemExit('the wrong one')", __main__="")
    result = sis("status", packages=make_package(tmp_path / "harmless", client=""))
    assert "sis: running the bundled engine" in result.stderr and "config.main" in result.stderr
    assert "running the bundled engine" in sis("--help", packages=packages, SISYPHUS_CHOICE="bundled").stderr


def test_the_installed_one_is_preferred_and_workers_follow_their_manager(sis, tmp_path):
    main = "import os, sys; print(sys.argv[1:], os.environ['SISYPHUS_CHOICE'], sys.path[0])"
    packages = make_package(tmp_path / "packages", toolkit="", job="", __main__=main)
    result = sis("manager", "-r", packages=packages)
    assert result.stderr == "sis: running the installed Sisyphus\n"
    assert result.stdout == f"['manager', '-r'] installed {tmp_path}\n"
    worker = sis("worker", "--help", packages=packages, SISYPHUS_CHOICE="bundled")
    assert "job_directory" in worker.stdout and worker.stderr == ""


def test_a_choice_that_cannot_be_is_told(sis):
    result = sis("manager", SISYPHUS_CHOICE="installed")
    assert result.returncode == 1
    assert result.stderr.startswith("sis: SISYPHUS_CHOICE is 'installed', but")
    assert "use 'installed' or 'bundled'" in sis("manager", SISYPHUS_CHOICE="best").stderr


def test_no_heavy_module_is_loaded_to_start(sis, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").touch()
    (tmp_path / "config" / "x.py").write_text(
        "import sys\n\ndef py():\n    print(sorted({'torch', 'numpy', 'h5py', 'psutil'} & set(sys.modules)))\n"
    )
    result = sis("manager", "-r", "config/x.py", SISYPHUS_CHOICE="bundled")
    assert result.returncode == 0 and result.stdout.startswith("[]\n")
