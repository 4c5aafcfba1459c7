"""The script that builds KenLM's programs: at once when they are there, one sentence when something is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.scripts import loaded

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "kenlm" / "build.py"
BIN = Path(sys.prefix, "bin")


@pytest.fixture
def build():
    return loaded("kenlm/build.py")


def test_programs_start_and_find_their_libraries_from_elsewhere(tmp_path):
    result = subprocess.run(
        [str(BIN / "lmplz"), "--order", "2", "--discount_fallback", "-S", "50M", "-T", f"{tmp_path}/"],
        input=b"a b\na c\n",
        capture_output=True,
        cwd=tmp_path,
        env={},
    )
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.startswith(b"\\data\\\nngram 1=6\n")  # a, b, c, two sentence marks, the unknown word


def test_second_run_changes_nothing():
    before = [(BIN / tool).stat().st_mtime_ns for tool in ("lmplz", "build_binary")]
    result = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, env={})  # no PATH, no pip
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [(BIN / tool).stat().st_mtime_ns for tool in ("lmplz", "build_binary")] == before


def test_a_program_that_does_not_start_counts_as_missing(build, tmp_path):
    broken = tmp_path / "lmplz"
    broken.write_bytes((BIN / "lmplz").read_bytes()[:4096])
    broken.chmod(0o755)
    assert not build.works(broken)
    assert not build.works(tmp_path / "absent")
    assert build.works(BIN / "lmplz")


def test_missing_compiler_is_one_sentence(build, monkeypatch):
    monkeypatch.setattr(build, "TOOLS", ("not-built-yet",))
    monkeypatch.setenv("CXX", "/nowhere/c++")
    with pytest.raises(SystemExit, match="no C\\+\\+ compiler found; install"):
        build.main()


def test_missing_cmake_is_one_sentence(build, monkeypatch, tmp_path):
    monkeypatch.setattr(build.sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="no cmake found; install"):
        build.find_cmake()


def test_outside_an_environment_nothing_is_touched(build, monkeypatch):
    monkeypatch.setattr(build.sys, "prefix", build.sys.base_prefix)
    with pytest.raises(SystemExit, match="with the Python of the environment"):
        build.main()


def test_failing_step_ends_with_its_output_and_a_sentence(build, capfd):
    with pytest.raises(SystemExit, match="compiling KenLM failed"):
        build.run("compiling KenLM", [sys.executable, "-c", "import sys; print('no such header'); sys.exit(2)"])
    assert "no such header" in capfd.readouterr().err


def test_placing_replaces_whole_files_only(build, tmp_path):
    source, target = tmp_path / "new", tmp_path / "bin" / "tool"
    source.write_text("second")
    build.place(source, target)
    assert target.read_text() == "second"
    assert [path.name for path in target.parent.iterdir()] == ["tool"]


def test_needed_libraries_are_those_that_the_program_names(build, tmp_path):
    for name in ("libboost_thread.so.1.87.0", "libboost_graph.so.1.87.0"):
        (tmp_path / name).touch()
    program = tmp_path / "program"
    program.write_bytes(b"ELF...\0libboost_thread.so.1.87.0\0libc.so.6\0")
    assert [path.name for path in build.needed_libraries(program, tmp_path)] == ["libboost_thread.so.1.87.0"]
