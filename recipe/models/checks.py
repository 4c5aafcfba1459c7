"""Checks of sizes and probabilities that model values share."""

from recipe.errors import InputError


def check_sizes(value: object, *names: str) -> None:
    """:raises InputError: for a field that is below 1"""
    for name in names:
        if getattr(value, name) < 1:
            raise InputError(f"{type(value).__name__}.{name} is {getattr(value, name)}; it must be at least 1")


def check_dropouts(value: object, *names: str) -> None:
    """:raises InputError: for a field that is no probability, or 1"""
    for name in names:
        if not 0.0 <= getattr(value, name) < 1.0:
            raise InputError(f"{type(value).__name__}.{name} is {getattr(value, name)}; it must lie in [0, 1)")
