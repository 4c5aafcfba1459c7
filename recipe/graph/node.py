"""Nodes of a graph: made when they are first asked for, then kept by name."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class HasNodes(Protocol):
    """What nodes are kept in."""

    nodes: dict[str, dict[tuple, Any]]
    """What was made so far, by the name and the arguments of what asked for it."""


S = TypeVar("S", bound=HasNodes)
P = ParamSpec("P")
T = TypeVar("T")


def node(make: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method whose result is kept in `nodes` by the method's name and arguments."""
    signature = inspect.signature(make)

    @wraps(make)
    def kept(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        key = bound.args[1:]
        named = self.nodes.setdefault(make.__name__, {})
        if key not in named:
            named[key] = make(self, *args, **kwargs)
        return named[key]

    return kept
