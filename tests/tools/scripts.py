"""Scripts of tools/ as modules: they are no package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def loaded(script: str) -> ModuleType:
    """A new module of a script such as `site/pages.py`, which finds the modules beside it while it is loaded."""
    path = TOOLS / script
    spec = importlib.util.spec_from_file_location(script.removesuffix(".py").replace("/", "_"), path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(path.parent), *sys.path])
        spec.loader.exec_module(module)
    return module
