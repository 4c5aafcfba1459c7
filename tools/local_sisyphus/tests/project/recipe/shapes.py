"""Kinds of values that recipes pass to jobs; both engines import them to encode the same ones."""

import dataclasses
import enum
import functools
import math
import pathlib
import typing

from sisyphus import Job, Path
from sisyphus.delayed_ops import (
    Delayed,
    DelayedBase,
    DelayedFallback,
    DelayedFormat,
    DelayedFunctionV2,
    DelayedJoin,
    DelayedSlice,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    bits: typing.Any = 4
    names: tuple = ()
    hidden: int = dataclasses.field(default=1, compare=False)

    @property
    def levels(self):
        return 2**self.bits


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    first: typing.Any
    second: typing.Any = None


class Plain:
    _private = "of the class"

    def __init__(self, value):
        self.value = value
        self._kept = (value,)

    def method(self):
        return self.value


class Pair(typing.NamedTuple):
    left: typing.Any
    right: typing.Any


class Colour(enum.Enum):
    RED = "red"
    BLUE = ("blue", 3)


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    FAST = "fast"


class Text(str):
    pass


class Shape(Job):
    __sis_hash_exclude__ = {"extra": None}

    def __init__(self, value, *rest, extra=None, **more):
        self.out = self.output_path("out.txt")
        self.var = self.output_var("var")


class Versioned(Shape):
    __sis_version__ = 2


class Late(DelayedBase):
    def __init__(self, value, kind):
        super().__init__(value)
        self.kind = kind


def function(value):
    return value


def renamed(path, name):
    path = path.copy()
    path.hash_overwrite = name
    return path


NAMES = {name: value for name, value in globals().items() if not name.startswith("__")} | {
    "nan": math.nan,
    "inf": math.inf,
    "partial": functools.partial,
    "PosixPath": pathlib.PosixPath,
    "Delayed": Delayed,
    "DelayedFormat": DelayedFormat,
    "DelayedBase": DelayedBase,
    "DelayedFallback": DelayedFallback,
    "DelayedFunctionV2": DelayedFunctionV2,
    "DelayedJoin": DelayedJoin,
    "DelayedSlice": DelayedSlice,
    "Path": Path,
}
