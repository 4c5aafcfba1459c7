"""memristor_sim as a package of its own: a wheel that works with its declared dependencies alone."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

USE = """
import sys
import memristor_sim, torch
assert memristor_sim.__file__.startswith(sys.argv[1]), memristor_sim.__file__
x = torch.randn(8, 16, generator=torch.Generator().manual_seed(0))
layer = torch.nn.Linear(16, 4)
wanted = layer(x).detach()
made = memristor_sim.program(layer, memristor_sim.physical(weight_bits=6), device_seed=1, calibration=[x])
assert float((made(x) - wanted).std() / wanted.std()) < 0.5
cells = memristor_sim.MeasuredLevels.from_csv(sys.argv[1] + "/memristor_sim/examples/levels.csv")
assert memristor_sim.physical(cell=cells).levels == 2
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built without an index where setuptools is new enough, else with what an index gives."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # builds leave files beside the sources
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE", "memristor_sim"):
        (source / name).symlink_to(ROOT / name)
    alone = ["--no-build-isolation"] if int(version("setuptools").partition(".")[0]) >= 77 else []
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *alone, "--wheel-dir", str(folder), "."]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True)
    if built.returncode != 0 and not alone:
        pytest.skip(f"neither setuptools 77 nor a package index: {built.stderr.strip().splitlines()[-1]}")
    assert built.returncode == 0, built.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel) -> Path:
    folder = wheel.parent / "installed"
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def alone(unpacked: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Python with the wheel on its path, in a directory without a checkout."""
    variables = os.environ | {"PYTHONPATH": str(unpacked), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=unpacked.parent, env=variables, capture_output=True, text=True
    )


def test_it_holds_the_package_its_types_examples_licence_and_page(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {p.relative_to(ROOT).as_posix() for p in (ROOT / "memristor_sim").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources
    beside = {"py.typed", "examples/levels.csv", "fused/read_out.c"}
    assert {f"memristor_sim/{name}" for name in beside} <= names
    metadata = zipfile.ZipFile(wheel).read(next(n for n in names if n.endswith("/METADATA"))).decode()
    assert f"Version: {PROJECT['version']}\n" in metadata and "License-Expression: Apache-2.0" in metadata
    assert (ROOT / "memristor_sim" / "README.md").read_text(encoding="utf-8").strip() in metadata
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_programs_a_layer_with_its_dependencies_alone(unpacked):
    done = alone(unpacked, "-c", USE, str(unpacked))
    assert done.returncode == 0, done.stderr[-3000:]
    of_the_recipe = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE))
    declared = {re.match(r"[\w-]+", requirement)[0] for requirement in PROJECT["dependencies"]}
    assert set(done.stdout.split()) & ((of_the_recipe - declared) | {"recipe", "setups", "sisyphus"}) == set()


def test_without_a_command_it_lists_them_and_its_version_is_that_of_the_project(unpacked):
    listed = alone(unpacked, "-m", "memristor_sim")
    assert listed.returncode == 0 and "table1" in listed.stdout and "characterise" in listed.stdout
    assert alone(unpacked, "-m", "memristor_sim", "--version").stdout.split()[-1] == PROJECT["version"]
