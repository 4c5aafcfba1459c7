"""Values that are computed later: arithmetic and text operations on results that do not exist yet.

See contract.md, "Delayed values". Class names and attribute names enter job hashes and must not change.
"""

import operator
from collections.abc import Callable
from typing import Any

from sisyphus.hash import sis_hash_helper


def try_get(value: Any) -> Any:
    """The value itself, or the result of a delayed value."""
    return value.get() if isinstance(value, DelayedBase) else value


def _is_set(*values: Any) -> bool:
    return all(value.is_set() for value in values if isinstance(value, DelayedBase))


class DelayedBase:
    """Operators that build delayed values; also the base of paths and variables. Its text is that of its result."""

    def __init__(self, a, b=None):
        self.a = a
        self.b = b

    def get(self) -> Any:
        """The result."""
        raise NotImplementedError

    def is_set(self) -> bool:
        return _is_set(*_flat(vars(self).values()))

    def __str__(self):
        return str(self.get())

    def __repr__(self):
        return str(self.get())  # not its repr: texts that recipes make of delayed values are as in the real engine

    __add__ = lambda self, other: DelayedAdd(self, other)
    __radd__ = lambda self, other: DelayedAdd(other, self)
    __sub__ = lambda self, other: DelayedSub(self, other)
    __rsub__ = lambda self, other: DelayedSub(other, self)
    __mul__ = lambda self, other: DelayedMul(self, other)
    __rmul__ = lambda self, other: DelayedMul(other, self)
    __truediv__ = lambda self, other: DelayedTrueDiv(self, other)
    __rtruediv__ = lambda self, other: DelayedTrueDiv(other, self)
    __floordiv__ = lambda self, other: DelayedFloorDiv(self, other)
    __rfloordiv__ = lambda self, other: DelayedFloorDiv(other, self)
    __mod__ = lambda self, other: DelayedMod(self, other)
    __rpow__ = lambda self, other: DelayedPow(other, self)
    __round__ = lambda self, digits=None: DelayedRound(self, digits)
    __getitem__ = lambda self, key: DelayedGetItem(self, key)
    __call__ = lambda self, *args, **kwargs: DelayedFunctionV2(self, args, kwargs)
    format = lambda self, *args, **kwargs: DelayedFormat(self, *args, **kwargs)
    rformat = lambda self, template, *args, **kwargs: DelayedFormat(template, self, *args, **kwargs)
    replace = lambda self, *args, **kwargs: DelayedReplace(self, *args, **kwargs)
    function = lambda self, func, *args, **kwargs: DelayedFunction(self, func, *args, **kwargs)
    fallback = lambda self, other: DelayedFallback(self, other)

    def __pow__(self, other, modulo=None):
        power = DelayedPow(self, other)
        return power if modulo is None else DelayedMod(power, modulo)

    def __iter__(self):
        raise TypeError(f"a {type(self).__name__} has no value yet and cannot be iterated; resolve it in a task")


def _flat(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from value
        elif isinstance(value, dict):
            yield from value.values()
        else:
            yield value


class _Binary(DelayedBase):
    operation: Callable

    def get(self):
        return type(self).operation(try_get(self.a), try_get(self.b))


class DelayedAdd(_Binary):
    operation = operator.add


class DelayedSub(_Binary):
    operation = operator.sub


class DelayedMul(_Binary):
    operation = operator.mul


class DelayedTrueDiv(_Binary):
    operation = operator.truediv


class DelayedFloorDiv(_Binary):
    operation = operator.floordiv


class DelayedMod(_Binary):
    operation = operator.mod


class DelayedPow(_Binary):
    operation = operator.pow


class DelayedRound(_Binary):
    operation = round


class DelayedGetItem(_Binary):
    operation = operator.getitem


class Delayed(DelayedBase):
    """Any value with the operators above; hashes as the value itself."""

    def __init__(self, a):
        super().__init__(a)

    def get(self):
        return try_get(self.a)

    def _sis_hash(self) -> bytes:
        return sis_hash_helper(self.a)


class _OfText(DelayedBase):
    def __init__(self, string, *args, **kwargs):
        self.string = string
        self.args = args
        self.kwargs = kwargs


class DelayedFormat(_OfText):
    def get(self):
        return try_get(self.string).format(*map(try_get, self.args), **self.kwargs)


class DelayedReplace(_OfText):
    def get(self):
        return try_get(self.string).replace(*map(try_get, self.args), **self.kwargs)


class DelayedFunction(DelayedBase):
    """func(value, *args, **kwargs) with only the first value resolved."""

    def __init__(self, string, func, *args, **kwargs):
        _refuse_lambda(func)
        self.string = string
        self.func = func
        self.args = args
        self.kwargs = kwargs

    def get(self):
        return self.func(try_get(self.string), *self.args, **self.kwargs)


class DelayedFunctionV2(DelayedBase):
    """func(*args, **kwargs) with everything resolved; `args` and `kwargs` may be delayed as a whole."""

    def __init__(self, func, args, kwargs):
        _refuse_lambda(func)
        self.func = func
        self.args = args
        self.kwargs = kwargs

    def get(self):
        named = {name: try_get(value) for name, value in try_get(self.kwargs).items()}
        return try_get(self.func)(*map(try_get, try_get(self.args)), **named)


def _refuse_lambda(func):
    if getattr(func, "__name__", "") == "<lambda>":
        raise ValueError("a lambda cannot be delayed: it has no stable name; use a named function")


class DelayedFallback(DelayedBase):
    """a if it is set, otherwise b."""

    def is_set(self):
        return _is_set(self.a) or _is_set(self.b)

    def get(self):
        return try_get(self.a) if _is_set(self.a) else try_get(self.b)


class DelayedSlice(DelayedBase):
    def __init__(self, iterable, index_start=0, index_end=-1, step=1):
        self.iterable = iterable
        self.index_start = index_start
        self.index_end = index_end
        self.step = step

    def get(self):
        bounds = slice(try_get(self.index_start), try_get(self.index_end), try_get(self.step))
        return try_get(self.iterable)[bounds]


class DelayedJoin(DelayedBase):
    def __init__(self, iterable, separator):
        self.iterable = iterable
        self.separator = separator

    def get(self):
        return try_get(self.separator).join(try_get(part) for part in try_get(self.iterable))
