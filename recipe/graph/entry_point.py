"""The experiment that an entry point, such as config/mini.py, describes."""

import importlib
from pathlib import Path

from recipe.errors import InputError
from recipe.graph.experiment import Experiment


def experiment_of(config: str) -> Experiment:
    """Build the graph of `config` (a path below the current directory); nothing runs.

    :raises InputError: when it is no entry point
    """
    path = Path(config)
    if path.suffix != ".py" or not path.is_file() or path.is_absolute():
        raise InputError(f"{config} is no graph; give a file such as CONFIG=config/mini.py")
    experiment = importlib.import_module(".".join(path.with_suffix("").parts)).py()
    if not isinstance(experiment, Experiment):
        raise InputError(f"py() of {config} returns no experiment; end it with `return run(setup, systems)`")
    return experiment
