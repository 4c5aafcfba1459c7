"""A small job engine for one machine with the interface of Sisyphus (see the README next to this package)."""

from sisyphus import global_settings as gs
from sisyphus import toolkit as tk
from sisyphus.job import Job
from sisyphus.job_path import Path
from sisyphus.package_path import setup_path
from sisyphus.task import Task

__all__ = ["Job", "Path", "Task", "gs", "setup_path", "tk"]
