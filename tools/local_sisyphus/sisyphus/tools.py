"""Small helpers that recipes import: resolving, finding and hashing values."""

import enum
import types
from typing import Any

from sisyphus import global_settings as gs
from sisyphus.block import Block
from sisyphus.delayed_ops import try_get
from sisyphus.hash import get_object_state
from sisyphus.identity import JobSingleton
from sisyphus.job_path import AbstractPath

__all__ = ["extract_paths", "sis_hash", "try_get"]

_PLAIN = (str, bytes, int, float, complex, type(None), type, enum.Enum, types.FunctionType, types.ModuleType, Block)


def sis_hash(value: Any) -> str:
    """The digest of a value in job ids: 12 characters, unless the settings define another SIS_HASH."""
    return gs.SIS_HASH(value)


def extract_paths(value: Any) -> set:
    """Every path and variable reachable from `value` (contract.md, "Inputs").

    Walks containers (of a dict the values) and the state of objects; a job contributes its attributes.
    """
    found, seen, stack = set(), {}, [value]
    while stack:
        item = stack.pop()
        if isinstance(item, _PLAIN) or id(item) in seen:
            continue
        seen[id(item)] = item  # keeps the object alive, and so its id unique
        if isinstance(item, AbstractPath):
            found.add(item)
        elif isinstance(item, dict):
            stack.extend(_visible(item))
        elif isinstance(item, (list, tuple, set, frozenset)):
            stack.extend(item)
        elif isinstance(type(item), JobSingleton):
            stack.extend(_visible(vars(item)))
        else:
            stack.append(_state_or_none(item))
    return found


def _visible(attributes: dict) -> list:
    return [part for name, part in attributes.items() if not (isinstance(name, str) and name.startswith("_sis_"))]


def _state_or_none(item: Any) -> Any:
    """The state of an object; None if it has none (open files, dates)."""
    try:
        return get_object_state(item)
    except (TypeError, ValueError):
        return None
