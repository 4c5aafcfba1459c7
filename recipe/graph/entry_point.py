"""The experiment that an entry point describes."""

from recipe.entry_point import EntryPoint
from recipe.errors import InputError
from recipe.graph.experiment import Experiment


def experiment_of(config: str) -> Experiment:
    """Build the graph of an entry point; nothing runs.

    :raises InputError: when it is no entry point
    """
    entry_point = EntryPoint.parsed(config)
    experiment = entry_point.build()
    if not isinstance(experiment, Experiment):
        raise InputError(
            f"{entry_point.function}() of {entry_point.path} returns no experiment; end it with `return run(setup, "
            "systems)`"
        )
    return experiment
