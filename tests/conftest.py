"""Settings of every test: the job engine on the path, reproducible property tests, one thread, seeded networks."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).resolve().parent.parent
if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:  # a package of that name may be another
    sys.path.insert(0, str(ROOT / "tools" / "local_sisyphus"))

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("repeatable")


def pytest_collectstart(collector):
    """What a test module draws when it is imported depends on no other module."""
    if isinstance(collector, pytest.Module):
        _seed_torch()


@pytest.fixture(autouse=True)
def seeded():
    """What a test draws without a seed of its own depends on no other test."""
    _seed_torch()


def _seed_torch() -> None:
    if "torch" in sys.modules:  # tests without it do not pay for its import
        sys.modules["torch"].manual_seed(1)


@pytest.fixture(scope="session")
def tiny_graph(tmp_path_factory) -> Path:
    """The base directory of the finished tiny graph, made once for all processes of a test run. Leave it as it is."""
    from tests.tiny_graph import finished_once

    folder = tmp_path_factory.getbasetemp()
    return finished_once(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
