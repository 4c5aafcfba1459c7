"""Entry points by the names that people give: `config/mini.py`, or `config.followup_grid.grid("learned")`."""

import ast
import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipe.errors import InputError, shown

DEFAULT_FUNCTION = "py"
EXAMPLES = "CONFIG=config/mini.py, or a function of one such as CONFIG='config.followup_grid.grid(\"learned\")'"


@dataclass(frozen=True)
class EntryPoint:
    """A function of a file below the current directory that builds a graph, with its arguments."""

    path: Path
    function: str = DEFAULT_FUNCTION
    arguments: tuple[Any, ...] = ()

    @classmethod
    def parsed(cls, config: str) -> "EntryPoint":
        """What the workflow manager takes: a file, whose function is `py`, or a function by its dotted name.

        :raises InputError: when it is neither, or an argument is no literal
        """
        if config.endswith(".py") and "." not in str(Path(config).with_suffix("")):
            return cls(_file(config, config))
        dotted, arguments = _call(config)
        module, _, function = dotted.rpartition(".")
        if "." not in module:  # entry points lie in a folder; `settings.toml` is no function of settings.py
            raise _no_graph(config)
        return cls(_file(module.replace(".", "/") + ".py", config), function, arguments)

    @property
    def name(self) -> str:
        """For files: `mini`, `followup_grid.learned`; without arguments the function's name in their place."""
        words = [] if self.function == DEFAULT_FUNCTION else [self.function]
        if self.arguments:
            words = [re.sub(r"\W+", "-", str(argument)).strip("-") for argument in self.arguments]
        return ".".join([self.path.stem, *words])

    def build(self) -> Any:
        """What the function returns; nothing runs.

        :raises InputError: when the file has no such function
        """
        function = getattr(importlib.import_module(".".join(self.path.with_suffix("").parts)), self.function, None)
        if function is None:
            raise InputError(f"{self.path} has no function {self.function}; give the name of one that it has")
        return function(*self.arguments)


def _call(config: str) -> tuple[str, tuple[Any, ...]]:
    """The dotted name of a function, and its arguments.

    :raises InputError: when it is no name, or no call by literals in their places
    """
    try:
        call = ast.parse(config, mode="eval").body
        arguments = call.args if isinstance(call, ast.Call) else []
        named = call.keywords if isinstance(call, ast.Call) else []
        dotted = ast.unparse(call.func if isinstance(call, ast.Call) else call)
        values = tuple(ast.literal_eval(argument) for argument in arguments)
    except (SyntaxError, ValueError):
        raise _no_graph(config) from None
    if named:
        raise InputError(f"{shown(config)} names an argument; give arguments by position")
    if not re.fullmatch(r"[\w.]+", dotted):
        raise _no_graph(config)
    return dotted, values


def _file(text: str, config: str) -> Path:
    """:raises InputError: when it is no Python file below the current directory"""
    path = Path(text)
    modules = path.with_suffix("").parts if path.name else ()
    if path.suffix != ".py" or not path.is_file() or path.is_absolute() or any("." in name for name in modules):
        raise _no_graph(config)
    return path


def _no_graph(config: str) -> InputError:
    return InputError(f"{shown(config)} is no graph; give {EXAMPLES}")
