"""The experiment that an entry point, such as config/mini.py, describes."""

import importlib
from pathlib import Path

from recipe.errors import InputError, shown
from recipe.graph.experiment import Experiment


def experiment_of(config: str) -> Experiment:
    """Build the graph of `config` (a path below the current directory); nothing runs.

    :raises InputError: when it is no entry point
    """
    path = Path(config)
    modules = path.with_suffix("").parts if path.name else ()
    if path.suffix != ".py" or not path.is_file() or path.is_absolute() or any("." in name for name in modules):
        raise InputError(f"{shown(config)} is no graph; give a file such as CONFIG=config/mini.py")
    experiment = importlib.import_module(".".join(modules)).py()
    if not isinstance(experiment, Experiment):
        raise InputError(f"py() of {config} returns no experiment; end it with `return run(setup, systems)`")
    return experiment
