"""Stable hashes of job arguments: the encoding of values that job ids are made of.

See contract.md, "Hashes". Every value is framed as `(type name, part, part)`; a value that is not plain is encoded
through its state. Nothing here may change: job ids, and so all results on disk, depend on each byte.
"""

import enum
import hashlib
import pathlib
import string
import types
import typing
from typing import Any

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LONGEST_ENCODING = 4096  # bytes; longer framed encodings are replaced by their SHA-256

_REPR_TYPES = (int, float, bool, str, complex)
_BUILTIN_BASES = (str, int, float, complex, list, tuple, set, frozenset, bytearray)
_UNBOUND_BUILTINS = (types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType)
_UNSET = object()


def int_hash(value: Any) -> int:
    """SHA-256 of the encoding of `value` as a big-endian unsigned integer."""
    return int.from_bytes(hashlib.sha256(sis_hash_helper(value)).digest(), "big")


def short_hash(value: Any, length: int = 12, chars: str = ALPHABET) -> str:
    """The hash of `value` in `length` characters, least significant digit first."""
    number, digits = int_hash(value), []
    for _ in range(length):
        number, digit = divmod(number, len(chars))
        digits.append(chars[digit])
    return "".join(digits)


def sis_hash_helper(value: Any) -> bytes:
    """The encoding of `value`.

    :raises TypeError: for values without a reproducible encoding (list subclasses, iterators, most native objects)
    :raises ValueError: for lambdas and anything defined in `__main__`
    """
    kind = type(value)
    if isinstance(value, bytes):
        return _frame(value, [value])
    if value is None:
        return b"(NoneType)"
    if kind in _REPR_TYPES:
        return _frame(value, [repr(value).encode("utf-8")])
    if kind in (list, tuple):
        return _frame(value, map(sis_hash_helper, value))
    if kind in (set, frozenset):
        return _frame(value, sorted(map(sis_hash_helper, value)))
    if isinstance(value, dict):
        return _frame(value, sorted(sis_hash_helper(item) for item in value.items()))
    if isinstance(value, (types.FunctionType, type)):
        return _frame(value, [sis_hash_helper(_importable_name(value))])
    if hasattr(value, "_sis_hash"):
        return value._sis_hash()
    return _frame(value, [sis_hash_helper(get_object_state(value))])


def _frame(value: Any, parts) -> bytes:
    name = "EnumMeta" if type(value) is enum.EnumMeta else type(value).__qualname__
    encoded = b"(" + b", ".join([name.encode("utf-8"), *parts]) + b")"
    return encoded if len(encoded) <= LONGEST_ENCODING else hashlib.sha256(encoded).digest()


def _importable_name(value) -> tuple[str, str]:
    """(module, qualname) of a function or class that every process can import."""
    if value.__module__ == "__main__":
        raise ValueError(f"{value!r} is defined in __main__: its name is not stable, move it to a module")
    if value.__qualname__.rpartition(".")[2] == "<lambda>":
        raise ValueError(f"{value!r} is a lambda: its name is not stable, use a named function")
    return value.__module__, value.__qualname__


def get_object_state(value: Any) -> Any:
    """What identifies an object: its attributes, with its arguments of `__new__` if any (contract.md, "Hashes")."""
    if isinstance(value, _BUILTIN_BASES) and not hasattr(value, "__getnewargs__"):
        if not hasattr(value, "__getnewargs_ex__"):
            raise TypeError(f"{type(value)} derives from a builtin and cannot be hashed; use the builtin itself")
    if typing.get_origin(value) is not None:
        raise TypeError(f"{value} is a type annotation and has no stable hash")
    if isinstance(value, _UNBOUND_BUILTINS):
        return value.__qualname__
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, (types.FunctionType, type)):
        return value.__module__, value.__qualname__
    if isinstance(value, pathlib.PurePath):
        return str(value)

    arguments = _new_arguments(value)
    state = _own_state(value)
    if state == {} and isinstance(state, dict) and not hasattr(value, "__dict__") and not hasattr(value, "__slots__"):
        if arguments is _UNSET:
            raise TypeError(f"{value!r} of {type(value)} shows no state and cannot be hashed")
        state = None
    if isinstance(value, enum.Enum) and isinstance(state, dict):
        state.pop("_sort_order_", None)
    return state if arguments is _UNSET else (arguments, state)


def _new_arguments(value: Any) -> Any:
    if hasattr(value, "__getnewargs_ex__"):
        return value.__getnewargs_ex__()
    if hasattr(value, "__getnewargs__"):
        return value.__getnewargs__()
    return _UNSET


def _own_state(value: Any) -> Any:
    if hasattr(value, "__sis_state__"):
        return value.__sis_state__()
    if isinstance(value, (types.BuiltinFunctionType, types.MethodWrapperType)):
        return {"__self__": value.__self__, "__name__": value.__name__}
    if getattr(type(value), "__getstate__", None) is not object.__getstate__:
        return value.__getstate__()
    return _attributes(value)


def _attributes(value: Any) -> dict[str, Any]:
    """`__dict__`, slots (also inherited ones) and the members of native types; properties and methods are left out."""
    state = dict(getattr(value, "__dict__", {}))
    slots = getattr(type(value), "__slots__", ())
    for name in (slots,) if isinstance(slots, str) else slots:
        if hasattr(value, name) and name not in ("__dict__", "__weakref__"):
            state[name] = getattr(value, name)
    if isinstance(value, types.MethodType):
        return {**state, "__self__": value.__self__, "__func__": value.__func__}
    for name in dir(value):
        if name.startswith("__") or name in state:
            continue
        # in the dicts of the classes, because getattr does not show descriptors such as Enum's `name`
        definition = next((vars(cls)[name] for cls in type(value).__mro__ if name in vars(cls)), _UNSET)
        if (definition is _UNSET or isinstance(definition, types.MemberDescriptorType)) and hasattr(value, name):
            state[name] = getattr(value, name)
    return state
