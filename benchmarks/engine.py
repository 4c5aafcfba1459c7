"""What the job engine costs: building a graph, looking at a finished one, and the overhead per short job.

    .venv/bin/python benchmarks/engine.py                      # the bundled engine
    .venv/bin/python benchmarks/engine.py --reference PATH     # and the real Sisyphus of a checkout, in the same run

The graph has `--jobs` one-line jobs in `--layers` layers: each layer's first job needs all of the layer before it,
the others one of it. Prints a line per engine and, last, all figures as JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "tools" / "local_sisyphus"

RECIPE = """
from sisyphus import Job, Task

class Line(Job):
    def __init__(self, number, inputs):
        self.number = number
        self.inputs = inputs
        self.out = self.output_path("line.txt")

    def tasks(self):
        yield Task("run", mini_task=True)

    def run(self):
        with open(self.out.get_path(), "w") as file:
            file.write(f"{self.number}\\n")
"""

CONFIG = """
from recipe.line import Line
from sisyphus import tk

def build(jobs, layers):
    before = []
    for layer in range(layers):
        width = jobs // layers
        inputs = [before if n == 0 else before[n % len(before):][:1] for n in range(width)] if before else [[]] * width
        before = [Line((layer, n), inputs[n]).out for n in range(width)]
    for number, path in enumerate(before):
        tk.register_output(f"line/{number}", path)
"""

SETTINGS = """
def engine():
    from sisyphus.localengine import LocalEngine
    return LocalEngine(cpus=CPUS)

WAIT_PERIOD_JOB_FS_SYNC = WAIT_PERIOD_JOB_CLEANUP = WAIT_PERIOD_MTIME_OF_INPUTS = 0
WAIT_PERIOD_BETWEEN_CHECKS = WAIT_PERIOD_CACHE = 1
JOB_AUTO_CLEANUP = False
VERBOSE_TRACEBACK_TYPE = "better_exchook"
"""

BUILD_ONLY = """
import sys, time
from sisyphus.loader import config_manager
started = time.perf_counter()
from config.graph import build
build(*map(int, sys.argv[1:]))
print(time.perf_counter() - started)
"""


def write_project(folder: Path, cpus: int) -> None:
    """A base directory with the jobs above."""
    for name, text in {"recipe/line.py": RECIPE, "config/graph.py": CONFIG}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
        (folder / name).with_name("__init__.py").touch()
    (folder / "settings.py").write_text(SETTINGS.replace("CPUS", str(cpus)))
    # the real engine wants this package for its tracebacks; nothing here needs it
    (folder / "better_exchook.py").write_text("def __getattr__(name):\n    return lambda *args, **kwargs: None\n")
    (folder / "work").mkdir()


def measure(engine: Path, arguments) -> dict[str, float]:
    """Run the graph with the engine of this import path, then look at it once more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, arguments.cpus)
        environment = {**os.environ, "PYTHONPATH": f"{engine}:{folder}", "OMP_NUM_THREADS": "1"}
        config = f"config.graph.build({arguments.jobs}, {arguments.layers})"

        def python(*call: str) -> str:
            command = [sys.executable, *call]
            result = subprocess.run(command, cwd=folder, env=environment, input="\n", capture_output=True, text=True)
            return result.stdout

        def seconds(*call: str) -> float:
            started_s = time.perf_counter()
            python(*call)
            return time.perf_counter() - started_s

        build_s = float(python("-c", BUILD_ONLY, str(arguments.jobs), str(arguments.layers)))
        run_s = seconds("-m", "sisyphus", "manager", "-r", "-io", config)
        finished = len(list(folder.glob("work/line/*/finished")))
        scan_s = seconds("-m", "sisyphus", "manager", "-r", "-io", config)
        interpreter_s = seconds("-c", "pass")
    return {
        "jobs": finished,
        "graph_build_s": round(build_s, 3),
        "run_s": round(run_s, 2),
        "per_job_s": round(run_s / max(finished, 1), 3),
        "finished_graph_s": round(scan_s, 2),
        "interpreter_start_s": round(interpreter_s, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--cpus", type=int, default=os.cpu_count())
    parser.add_argument("--reference", type=Path, help="a checkout of the real Sisyphus")
    arguments = parser.parse_args()
    engines = {"bundled": BUNDLED} | ({"reference": arguments.reference} if arguments.reference else {})
    figures = {"cpus": arguments.cpus}
    for name, path in engines.items():
        figures[name] = result = measure(path, arguments)
        print(
            f"{name}: {result['jobs']} jobs in {result['run_s']} s ({result['per_job_s']} s each), "
            f"graph built in {result['graph_build_s']} s, finished graph checked in {result['finished_graph_s']} s"
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
