"""Settings of every test: the job engine on the path, reproducible property tests, one thread."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).resolve().parent.parent
if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:  # a package of that name may be another
    sys.path.insert(0, str(ROOT / "tools" / "local_sisyphus"))

from hypothesis import settings  # noqa: E402

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("repeatable")
