"""The files that the fuzzers start from are read; atheris itself is not needed for that."""

import contextlib
import importlib.util
import sys
import types
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "tools" / "fuzz"


@pytest.mark.parametrize("name", ["text", "audio"])
def test_the_files_to_start_from_are_accepted(tmp_path, monkeypatch, name):
    atheris = types.ModuleType("atheris")
    atheris.instrument_imports = lambda include: contextlib.nullcontext()
    monkeypatch.setitem(sys.modules, "atheris", atheris)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "harness", raising=False)
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", FOLDER / f"{name}.py")
    fuzzer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzer)
    seeds = list(fuzzer.seeds())
    for seed in seeds:
        fuzzer.read(tmp_path, seed)
    assert len(seeds) >= 5
    monkeypatch.delitem(sys.modules, "harness", raising=False)
