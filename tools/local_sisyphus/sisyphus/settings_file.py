"""Loading settings.py and SIS_* variables (contract.md, "Settings")."""

import ast
import os
import sys
from pathlib import Path

from sisyphus import global_settings as gs


class UnsupportedSetting(RuntimeError):
    """A setting that decides ids, directories or safety has a value that this engine does not support."""


def load_settings() -> None:
    """Execute the settings files in the settings module, then apply every SIS_X variable of the environment.

    :raises UnsupportedSetting: if a setting listed in `FIXED_SETTINGS` has another value than there
    """
    gs.engine = _this_machine
    gs.BASE_DIR = os.path.abspath(os.getcwd())
    script = os.path.abspath(sys.argv[0])
    if not script.endswith(os.path.join("sisyphus", "__main__.py")):
        gs.SIS_COMMAND = [sys.executable, script]
    for name in os.environ.get("SIS_GLOBAL_SETTINGS_FILE", "settings.py").split(":"):
        path = Path(gs.BASE_DIR, name)
        if path.is_file():
            vars(gs)["__file__"] = str(path)
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(gs))
    for name, text in os.environ.items():
        if name.startswith("SIS_") and name != "SIS_GLOBAL_SETTINGS_FILE":
            setattr(gs, name.removeprefix("SIS_"), _literal_or_text(text))
    for name, value in gs.FIXED_SETTINGS.items():
        if getattr(gs, name) != value:
            raise UnsupportedSetting(
                f"{name} is {getattr(gs, name)!r}; the bundled engine supports {value!r} only: remove the setting, "
                "or install Sisyphus"
            )


def _this_machine():
    """The default engine: all cores of this machine."""
    from sisyphus.localengine import LocalEngine  # not needed by workers

    return LocalEngine(cpus=os.cpu_count() or 1)


def _literal_or_text(text: str):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
