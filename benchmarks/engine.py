"""The cost of the job engine: building a graph, checking a finished one, running short jobs, memory, lines of output.

    .venv/bin/python benchmarks/engine.py                      # the bundled engine
    .venv/bin/python benchmarks/engine.py --reference PATH     # also a checkout of the real Sisyphus, in the same run

The graph has `--jobs` one-line jobs in `--layers` layers: the first job of a layer needs the whole layer before it, the
others form chains. It is built, marked as finished and given to a manager. Then a graph of the same shape with
`--run-jobs` jobs is run. Times are CPU seconds (user and system, with all children), which other load changes little,
and the wall time of the run. Prints one line per engine and then all figures as JSON.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "tools" / "local_sisyphus"

RECIPE = """
from sisyphus import Job, Task

made = []

class Line(Job):
    def __init__(self, number, inputs):
        self.number = number
        self.inputs = inputs
        self.out = self.output_path("line.txt")
        made.append(self)

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

BUILD_AND_MARK = """
import os, sys, time
from sisyphus.loader import config_manager
started = time.process_time()
from config.graph import build
build(*map(int, sys.argv[1:]))
print(time.process_time() - started)
from recipe.line import made
for job in made:
    os.makedirs(f"work/{job.job_id()}/output")
    for name in ("finished", "output/line.txt"):
        open(f"work/{job.job_id()}/{name}", "w").close()
"""


def write_project(folder: Path, cpus: int) -> None:
    """Write a base directory with the recipe, graph and settings above."""
    for name, text in {"recipe/line.py": RECIPE, "config/graph.py": CONFIG}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
        (folder / name).with_name("__init__.py").touch()
    (folder / "settings.py").write_text(SETTINGS.replace("CPUS", str(cpus)))
    # The real engine imports this package for its tracebacks; nothing here needs it.
    (folder / "better_exchook.py").write_text("def __getattr__(name):\n    return lambda *args, **kwargs: None\n")
    (folder / "work").mkdir()


class Cost(NamedTuple):
    """The cost of one manager."""

    cpu_s: float
    """With all children."""
    wall_s: float
    """From start to end."""
    manager_mb: float
    """Peak memory of the manager's process."""
    output: str
    """What it printed."""


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a manager until it exits. It waits for its children, so their CPU time is included."""
    before, started_s, peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as output:
        streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": output, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=folder, env=environment, text=True, **streams) as process:
            assert process.stdin is not None
            process.stdin.write("c\n" * 10)  # the real engine asks when everything is finished
            process.stdin.close()
            while process.poll() is None:
                status = Path(f"/proc/{process.pid}/status").read_text()
                peak_kb = max([peak_kb, *map(int, re.findall(r"VmHWM:\s+(\d+)", status))])
                time.sleep(0.1)
        output.seek(0)
        text = output.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, time.perf_counter() - started_s, peak_kb / 1e3, text)


def measure(engine: Path, arguments) -> dict[str, float]:
    """All figures of one engine.

    :param engine: folder that contains its package `sisyphus`
    :param arguments: the options of the command line
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    shapes = {jobs: f"config.graph.build({jobs}, {arguments.layers})" for jobs in (arguments.jobs, arguments.run_jobs)}
    costs = {}
    for name, jobs in {"finished": arguments.jobs, "run": arguments.run_jobs}.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            write_project(folder, arguments.cpus)
            environment["PYTHONPATH"] = f"{engine}:{folder}"
            if name == "finished":
                command = [sys.executable, "-c", BUILD_AND_MARK, str(jobs), str(arguments.layers)]
                built = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
            command = [sys.executable, "-m", "sisyphus", "manager", "-r", "-io", shapes[jobs]]
            costs[name] = run(command, folder, environment)
            finished = len(list(folder.glob("work/line/*/finished")))
            assert finished == jobs // arguments.layers * arguments.layers, costs[name].output[-2000:]
    per_job = costs["run"].cpu_s / finished
    return {
        "graph_build_cpu_s": round(float(built.stdout.splitlines()[-1]), 3),
        "finished_graph_cpu_s": round(costs["finished"].cpu_s, 2),
        "finished_graph_manager_mb": round(costs["finished"].manager_mb),
        "finished_graph_lines": costs["finished"].output.count("\n"),
        "run_jobs": finished,
        "per_job_cpu_s": round(per_job, 3),
        "per_job_wall_s": round(costs["run"].wall_s / finished, 3),
        "lines_per_job": round(costs["run"].output.count("\n") / finished, 1),
        "manager_mb": round(costs["run"].manager_mb),
    }


def main() -> None:
    """Measure every engine and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000, help="size of the finished graph")
    parser.add_argument("--run-jobs", type=int, default=200, help="size of the graph that is run")
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--cpus", type=int, default=os.cpu_count())
    parser.add_argument("--reference", type=Path, help="a checkout of the real Sisyphus")
    arguments = parser.parse_args()
    engines = {"bundled": BUNDLED} | ({"reference": arguments.reference} if arguments.reference else {})
    figures = {"cpus": arguments.cpus, "jobs": arguments.jobs}
    for name, path in engines.items():
        figures[name] = result = measure(path, arguments)
        print(
            f"{name}: {arguments.jobs} jobs built in {result['graph_build_cpu_s']} s, checked when finished in "
            f"{result['finished_graph_cpu_s']} s with {result['finished_graph_manager_mb']} MB; "
            f"{result['per_job_cpu_s']} s and {result['lines_per_job']} lines per short job "
            f"({result['per_job_wall_s']} s wall, {result['manager_mb']} MB)",
            flush=True,
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
