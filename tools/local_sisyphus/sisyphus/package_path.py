"""Paths to files next to the source of a recipe."""

import importlib
import os

from sisyphus import global_settings as gs
from sisyphus.job_path import Path


def setup_path(package: str):
    """A function that makes paths in the folder of `package`; they hash by the package's name, not its place."""
    folder = os.path.dirname(importlib.import_module(package).__file__)
    folder = os.path.relpath(folder, gs.BASE_DIR)

    def relative(path, hash_overwrite=None, **kwargs) -> Path:
        overwrite = hash_overwrite or f"{package.replace('.', '/')}/{path}"
        return Path(os.path.join(folder, path), hash_overwrite=overwrite, **kwargs)

    return relative
