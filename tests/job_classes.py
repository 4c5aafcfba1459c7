"""All job classes of the recipe, found by importing its modules."""

import importlib
from pathlib import Path

from recipe.job import RecipeJob, ShortJob

ROOT = Path(__file__).resolve().parents[1]


def job_classes() -> list[type[RecipeJob]]:
    """Every class that a graph can hold: those that no other class derives from, by module and name."""
    for path in sorted((ROOT / "recipe").rglob("*.py")):
        if "Job)" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    leaves = {cls for cls in _subclasses(RecipeJob) if not cls.__subclasses__() and cls is not ShortJob}
    return sorted(leaves, key=lambda cls: (cls.__module__, cls.__name__))


def _subclasses(base: type) -> set[type]:
    direct = {cls for cls in base.__subclasses__() if cls.__module__.startswith("recipe.")}
    return direct.union(*map(_subclasses, direct))
