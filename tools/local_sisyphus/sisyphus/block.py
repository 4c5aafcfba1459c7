"""Blocks: names for parts of a graph, for display only."""

import contextlib
import functools

from sisyphus.hash import short_hash


class Block:
    """A named part of the graph with sub-blocks and jobs."""

    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.children = []


root_block = Block("root")
_active = root_block


def set_root_block(name):
    """Replace the root block by a new one of this name."""
    global root_block, _active
    root_block = _active = Block(name)
    return root_block


@contextlib.contextmanager
def sub_block(name):
    """Put everything created inside into a block of this name."""
    global _active
    outer, _active = _active, Block(name, _active)
    outer.children.append(_active)
    try:
        yield _active
    finally:
        _active = outer


class block:  # noqa: N801  (a public name of the interface)
    """`with block("name"):` or `@block("name", cache=True)`; `cache` keeps results per hash of the arguments."""

    def __init__(self, name=None, cache=False):
        self.name = name
        self.cache = cache

    def __enter__(self):
        self._context = sub_block(self.name)
        return self._context.__enter__()

    def __exit__(self, *error):
        return self._context.__exit__(*error)

    def __call__(self, function):
        results = {}

        @functools.wraps(function)
        def blocked(*args, **kwargs):
            key = short_hash((args, kwargs)) if self.cache else None
            if key is not None and key in results:
                return results[key]
            with sub_block(self.name or function.__name__):
                result = function(*args, **kwargs)
            if key is not None:
                results[key] = result
            return result

        return blocked
