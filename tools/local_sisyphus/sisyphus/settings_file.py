"""Overlaying the settings by settings.py and by the environment (contract 14.1)."""

import ast
import os
import sys
from pathlib import Path

from sisyphus import global_settings as gs


def load_settings() -> None:
    """Execute the settings files in the settings module, then apply every SIS_X variable of the environment."""
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


def _literal_or_text(text: str):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
