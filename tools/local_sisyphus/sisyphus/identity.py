"""One job object per module, class and hash of the arguments (contract.md, "Jobs and ids")."""

import copy
import math
import os
import re
import sys

from sisyphus import global_settings as gs

created_jobs: dict = {}  # every job of this process by id
_VALID_DIGEST = re.compile(r"[0-9A-Za-z.\-_/]+")


class JobSingleton(type):
    """Calls with equal arguments return the same job. (The name of this class enters hashes.)"""

    def _signature(cls):
        if "_sis_signature" not in vars(cls):
            import inspect  # not needed in workers

            cls._sis_signature = inspect.signature(cls.__init__)
        return cls._sis_signature

    def __call__(cls, *args, sis_tags=None, **kwargs):
        signature = cls._signature()
        bound = signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        self_name = next(iter(signature.parameters))
        arguments = {name: value for name, value in bound.arguments.items() if name != self_name}
        job_id = _job_id(cls, cls.hash(arguments))
        if job_id not in created_jobs:
            job = cls.__new__(cls, job_id)
            # copied, so that later changes of the caller's lists and dicts do not reach the job
            bound.arguments = copy.deepcopy(bound.arguments)
            bound.arguments[self_name] = job
            copied = {name: bound.arguments[name] for name in arguments}
            job._sis_initialize(copied, sis_tags)
            cls.__init__(*bound.args, **bound.kwargs)
            job._sis_find_inputs()
            created_jobs[job_id] = job
        job = created_jobs[job_id]
        job._sis_alias_prefixes.add(gs.ALIAS_AND_OUTPUT_SUBDIR)
        return job


def _job_id(cls: type, digest: str) -> str:
    if not _VALID_DIGEST.fullmatch(digest):
        raise ValueError(f"{cls.__name__}.hash returned {digest!r}; a job id may hold 0-9A-Za-z.-_/ only")
    module = cls.__module__.removeprefix("recipe.").replace(".", "/")
    return f"{module}/{cls.__name__}.{digest}"


def calling_line() -> str | None:
    """`config/x.py:12`: the innermost line below config/ that is creating a job."""
    frame = sys._getframe(1)
    config_dir = os.path.join(gs.BASE_DIR, "config") + os.sep
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(config_dir):
            return f"{os.path.relpath(name, gs.BASE_DIR)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def task_of(key: tuple[str, str, int]):
    """The task of (job id, task name, task id); None if no job of this process has it."""
    job = created_jobs.get(key[0])
    return next((task for task in job._sis_task_list() if task.name() == key[1]), None) if job else None


def place_of(job_id: str) -> float:
    """What a recipe has set as `place_in_order` of a job: the lower, the sooner it runs; infinite where nothing is."""
    place = getattr(created_jobs.get(job_id), "place_in_order", None)
    return place if isinstance(place, int) else math.inf
