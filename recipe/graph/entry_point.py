"""The experiments that an entry point describes."""

from recipe.entry_point import EntryPoint
from recipe.errors import InputError
from recipe.graph.experiment import Experiment


def experiments_of(config: str) -> list[Experiment]:
    """Build the graph of an entry point, one experiment per setup; nothing runs.

    :raises InputError: when it is no entry point
    """
    entry_point = EntryPoint.parsed(config)
    built = entry_point.build()
    experiments = built if isinstance(built, list) else [built]
    if not experiments or not all(isinstance(one, Experiment) for one in experiments):
        raise InputError(
            f"{entry_point.function}() of {entry_point.path} returns no experiment; end it with `return run(setup, "
            "systems)`"
        )
    return experiments


def experiment_of(config: str) -> Experiment:
    """The last of them, which has the report."""
    return experiments_of(config)[-1]
