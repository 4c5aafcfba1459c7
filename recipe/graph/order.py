"""The order in which a graph is made: the systems that matter most first, with all that they stand on."""

from collections.abc import Iterable, Sequence

from sisyphus import tk

from recipe.errors import InputError
from recipe.systems import System


def in_order(systems: Sequence[System], first: Sequence[System]) -> list[System]:
    """The systems, those in `first` before all others.

    :raises InputError: when `first` names a system that is not among them
    """
    for system in first:
        if system not in systems:
            raise InputError(f"{system.name} is to come first, but is no system of this graph; add it to the list")
    return list(dict.fromkeys([*first, *systems]))


def put_in_order(groups: Iterable[Iterable[tk.Path]]) -> None:
    """Give every job as `place_in_order` the number of the first group that needs it, from 0.

    The bundled engine starts the job of the least place first among those that can run; a job without place comes last.
    Sisyphus does not look at it, and it enters no id.

    :param groups: what is wanted, the most urgent first
    """
    for place, paths in enumerate(groups):
        waiting = [path.creator for path in paths]
        while waiting:
            job = waiting.pop()
            if job is not None and place < getattr(job, "place_in_order", place + 1):
                job.place_in_order = place
                waiting += [path.creator for path in job._sis_inputs]
