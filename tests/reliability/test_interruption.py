"""Every job class of the recipe, killed with SIGKILL at renames and at random moments, ends with the same bytes.

The tiny graph gives most classes their inputs and their reference; what it does not use runs once undisturbed first.
With RELIABILITY_KILLS=20 in the environment, every class is killed so many times more.
"""

import filecmp
import functools
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.job_classes import job_classes

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
MORE_KILLS = int(os.environ.get("RELIABILITY_KILLS", 0))
COUNTED = "(?!progress|usage|manifest).*"  # renames by the clock, and the engine's own, are no moments of the recipe
SCRATCH = re.compile(r"\.part-\d+-.*|.*\.part(-\d+)?|\.unpacking-.*")  # of files, of variables, of an archive
NOT_HERE = {"PrepareSpokenGamesJob"}  # takes packages of known digests alone
LINKED = {"HtmlReportJob"}  # reads the directories behind it, which here are links: its reference is made here
# What starts RETURNN costs seconds a time: killed while it saves, and never in between.
DEAR = {
    "ReturnnTrainingJob": ["after 1 epoch.002.pt"],
    "EmissionsJob": ["before 1 emissions.hdf"],
    "PriorJob": ["before 1 returnn.config"],
}


CLASSES = [kind.__name__ for kind in job_classes() if kind.__name__ not in NOT_HERE]


@pytest.fixture(scope="module")
def archive(tiny_graph, tmp_path_factory) -> Iterator[str]:
    """The tiny corpus, packed, on a server of this machine: "url bytes sha256"."""
    folder = tmp_path_factory.mktemp("archive")
    [corpus] = (tiny_graph / "work" / "corpus" / "jobs").glob("GenerateMiniCorpusJob.*/output/corpus")
    with tarfile.open(folder / "corpus.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(corpus, "corpus")
    packed = (folder / "corpus.tar.gz").read_bytes()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/corpus.tar.gz"
    yield f"{url} {len(packed)} {hashlib.sha256(packed).hexdigest()}"
    server.shutdown()
    server.server_close()


class Jobs:
    """The server of killing.py, and what it says."""

    def __init__(self, base: Path, finished: Path, environment: dict[str, str]):
        self.base = base
        command = [sys.executable, str(HERE / "killing.py"), str(ROOT / "tools" / "local_sisyphus"), str(finished)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=base, env=environment, stdin=pipe, stdout=pipe, text=True)
        self.by_class: dict[str, str] = {}
        for job in self._answer()["jobs"]:
            self.by_class.setdefault(job.rpartition("/")[2].partition(".")[0], job)
        self.survived: dict[str, int] = {}

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        assert line, f"killing.py ended with {self.process.wait()}"
        return json.loads(line)

    def run(self, job: str, kill_at=None, kill_after_s=None, aside=None) -> dict:
        request = {"job": job, "kill_at": kill_at, "kill_after_s": kill_after_s, "aside": aside and str(aside)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self._answer()


@pytest.fixture(scope="module")
def jobs(tiny_graph, archive, tmp_path_factory) -> Iterator[Jobs]:
    base = tmp_path_factory.mktemp("killed") / "a läpse 'of' power"
    (base / "config").mkdir(parents=True)
    (base / "work").mkdir()
    for name in ("recipe", "memristor_sim", "setups", "settings.py"):
        (base / name).symlink_to(ROOT / name)
    for path in (*(ROOT / "config").glob("*.py"), HERE / "every_job.py"):
        (base / "config" / path.name).symlink_to(path)
    served = Jobs(base, tiny_graph, os.environ | {"ARCHIVE": archive})
    yield served
    served.process.stdin.close()
    served.process.wait()
    print(f"\n{len(served.survived)} job classes survived {sum(served.survived.values())} kills: {served.survived}")


def moments(name: str) -> Iterator[dict]:
    """When to kill, one after the other in the same directory: each run begins with what the one before it left."""
    for kill_at in DEAR.get(name, ["before 1 " + COUNTED]):
        yield {"kill_at": kill_at}
    draw = random.Random(name)
    if name not in DEAR:
        yield {"kill_at": f"after {draw.randint(1, 4)} {COUNTED}"}
        yield {"kill_after_s": draw.uniform(0.02, 0.5)}
    for _ in range(MORE_KILLS):
        at = f"{draw.choice(['before', 'after'])} {draw.randint(1, 12)} {COUNTED}"
        yield draw.choice([{"kill_at": at}, {"kill_after_s": draw.expovariate(1.0)}])


def files(output: Path) -> dict[str, Path]:
    """Everything under an output folder but what writers leave aside until it is whole, by relative name."""
    found = {path.relative_to(output): path for path in output.rglob("*") if path.is_file() and not path.is_symlink()}
    return {str(name): path for name, path in found.items() if not any(map(SCRATCH.fullmatch, name.parts))}


def differing(output: Path, reference: Path) -> list[str]:
    expected = files(reference)
    return [
        name
        for name, path in files(output).items()
        if name not in expected or not filecmp.cmp(path, expected[name], shallow=False)
    ]


@pytest.mark.parametrize("name", CLASSES)
def test_a_killed_job_ends_with_the_bytes_of_an_undisturbed_one(jobs, name):
    assert name in jobs.by_class, f"no graph of these tests holds a {name}; add one to tests/reliability/every_job.py"
    job = jobs.by_class[name]
    folder = jobs.base / "work" / job
    reference = jobs.base / "references" / name
    if name in LINKED and folder.exists():
        jobs.run(job, aside=jobs.base / "made elsewhere" / name)
    elif not folder.exists():
        jobs.run(job)
    kills = 0
    for moment in moments(name):
        ran = jobs.run(job, **moment, aside=None if reference.is_symlink() or reference.exists() else reference)
        assert ran["killed"] or ran["ok"], (folder / "log").read_text("utf-8")[-3000:]
        kills += ran["killed"]
        assert differing(folder / "output", reference / "output") == [], f"half written when killed ({moment})"
    ran = jobs.run(job)
    assert ran["ok"], (folder / "log").read_text("utf-8")[-3000:]
    assert files(folder / "output").keys() == files(reference / "output").keys()
    assert differing(folder / "output", reference / "output") == []
    assert list((folder / "output").rglob(".part-*")) == list((folder / "output").rglob(".unpacking-*")) == []
    assert kills
    jobs.survived[name] = kills
    if name == "ReturnnTrainingJob":
        log = (folder / "work" / "returnn.log").read_text("utf-8")
        _, loaded, after = log.rpartition("Load model")
        assert loaded and "ep 1 train" not in after, "it began anew instead of going on after its last checkpoint"
