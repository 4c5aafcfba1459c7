"""Targets of the graph: outputs, reports, callbacks (contract.md, "Graph and targets")."""

import os
import time

from sisyphus import global_settings as gs
from sisyphus.delayed_ops import DelayedBase
from sisyphus.job_directory import set_link
from sisyphus.job_path import AbstractPath
from sisyphus.tools import extract_paths, try_get


class OutputTarget:
    """A path that is linked under `output/` once it is available."""

    def __init__(self, name: str, path: AbstractPath):
        self.name = os.path.join(gs.ALIAS_AND_OUTPUT_SUBDIR, name)
        self.path = path
        self.required = {path}
        self.done = False

    def update(self, final: bool = False) -> str | None:
        """Link the output if it is available; the relative name of the link if it is new or has changed."""
        if self.done or not self.path.available():
            return None
        self.done = True
        link = os.path.join(gs.OUTPUT_DIR, self.name)
        if not set_link(os.path.join(gs.BASE_DIR, link), self.path.get_path()):
            return None
        log = os.path.join(gs.BASE_DIR, gs.FINISHED_LOG)
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}: Finished output: {link} (-> {self.path.rel_path()})\n")
        return link


class ReportTarget:
    """Text that is written repeatedly while the graph runs, from the values available so far."""

    def __init__(self, name: str, values, template: str | None, required, update_frequency: float):
        self.name = gs.ALIAS_AND_OUTPUT_SUBDIR + name
        self.values = values
        self.template = template
        self.required = extract_paths(values if required is None else required)
        self.update_frequency_s = update_frequency
        self._written_s = float("-inf")
        self.done = False

    def update(self, final: bool = False) -> str | None:
        """Write the report if it is due or complete, or if the manager ends; its name with the last update."""
        ready = bool(self.required) and all(path.available() for path in self.required)
        due = time.monotonic() - self._written_s >= self.update_frequency_s
        if self.done or not (ready or final or due):
            return None
        self._written_s = time.monotonic()
        self.done = ready
        path = os.path.join(gs.BASE_DIR, gs.OUTPUT_DIR, self.name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            file.write(self._text())
        os.replace(f"{path}.part", path)
        return os.path.join(gs.OUTPUT_DIR, self.name) if ready or final else None

    def _text(self) -> str:
        if callable(self.values) and not isinstance(self.values, DelayedBase):
            return str(self.values())
        import pprint

        values = {name: _shown(value) for name, value in self.values.items()}
        return self.template.format(**values) if self.template is not None else pprint.pformat(values, width=140) + "\n"


def _shown(value):
    if isinstance(value, DelayedBase) and not value.is_set():
        return "not available yet"
    return try_get(value)


class CallbackTarget:
    """A function that is called once, when all paths in its arguments are available."""

    def __init__(self, function, args: tuple, kwargs: dict):
        self.name = getattr(function, "__name__", str(function))
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.required = extract_paths((args, kwargs))
        self.done = False

    def is_due(self) -> bool:
        """Whether all paths are available and the function has not been called."""
        return not self.done and all(path.available() for path in self.required)

    def update(self, final: bool = False) -> None:
        """Call the function if it is due."""
        if self.is_due():
            self.done = True
            self.function(*self.args, **self.kwargs)
