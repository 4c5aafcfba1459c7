"""The files that the fuzzers start from are read; atheris itself is not needed for that."""

import contextlib
import sys
import types

import pytest

from tests.tools.scripts import loaded


@pytest.mark.parametrize("name", ["text", "audio"])
def test_the_files_to_start_from_are_accepted(tmp_path, monkeypatch, name):
    atheris = types.ModuleType("atheris")
    atheris.instrument_imports = lambda include: contextlib.nullcontext()
    monkeypatch.setitem(sys.modules, "atheris", atheris)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "harness", raising=False)
    fuzzer = loaded(f"fuzz/{name}.py")
    seeds = list(fuzzer.seeds())
    for seed in seeds:
        fuzzer.read(tmp_path, seed)
    assert len(seeds) >= 5
    monkeypatch.delitem(sys.modules, "harness", raising=False)
