"""Jobs of the engine's end-to-end tests."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from sisyphus import Job, Task

REST = {"cpu": 1, "mem": 1, "time": 1}


class InputError(ValueError):
    pass


class Write(Job):
    """Writes a text; with `parts` in that many parallel pieces of a second task."""

    starts_warm = True

    def __init__(self, text, parts=1):
        self.text = text
        self.parts = parts
        self.out_file = self.output_path("text.txt")
        self.out_pieces = self.output_path("pieces", directory=True)
        self.out_length = self.output_var("length")

    def tasks(self):
        yield Task("write", mini_task=True)
        yield Task("piece", resume="piece", rqmt=REST, args=[[number] for number in range(self.parts)])

    def write(self):
        with open(self.out_file.get_path(), "a") as file:
            file.write(self.text + "\n")
        self.out_length.set(len(self.text))

    def piece(self, number):
        if number > 0 and os.path.exists("../../../../broken"):
            raise InputError(f"piece {number} is broken; remove the file.")
        with open(os.path.join(self.out_pieces.get_path(), str(number)), "a") as file:
            file.write(f"{number}\n")


class Join(Job):
    """Joins files and lengths into one line."""

    def __init__(self, files, lengths=(), options=None):
        self.files = files
        self.lengths = lengths
        self.options = options
        self.out_file = self.output_path("joined.txt")

    def tasks(self):
        yield Task("run", resume="run", rqmt=REST)

    def run(self):
        texts = [Path(file.get_path()).read_text().strip() for file in self.files]
        numbers = [str(length.get()) for length in self.lengths]
        with open(self.out_file.get_path(), "a") as file:
            file.write(" ".join(texts + numbers) + "\n")


class Wait(Job):
    """Runs until the file `go` lies in the base directory, with a child process; tells its progress."""

    starts_warm = True

    def __init__(self, name, resumable=True, detached=False):
        self.name = name
        self.resumable = resumable
        self.detached = detached
        self.out_file = self.output_path("done.txt")
        self.out_starts = self.output_path("starts.txt")

    def tasks(self):
        yield Task("run", resume="run" if self.resumable else None, rqmt=REST)

    def run(self):
        base = self.out_file.get_path().partition("/work/")[0]
        with open(self.out_starts.get_path(), "a") as file:
            file.write(f"{os.getpid()}\n")
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=self.detached
        )
        Path("progress").write_text("0.42 epoch 5/12 loss 1.23\n")
        Path("child").write_text(str(child.pid))
        while not os.path.exists(os.path.join(base, "go")):
            time.sleep(0.05)
        child.kill()
        Path(self.out_file.get_path()).write_text("done\n")


class Fail(Job):
    """Fails in one of several ways."""

    starts_warm = True

    def __init__(self, kind):
        self.kind = kind
        self.out_file = self.output_path("never.txt")

    def tasks(self):
        tries = 3 if self.kind == "third time" else 1
        yield Task("run", resume="run", rqmt={**REST, "mem": 100 if self.kind == "too big" else 1}, tries=tries)

    def run(self):
        if self.kind == "input":
            raise InputError("a.stm line 3 has no end time; add it.")
        if self.kind == "exception":
            raise KeyError("missing key")
        if self.kind == "full disk":
            Path(self.out_file.get_path()).write_text("half an outp")
            Path("/dev/full").write_text("ut")
        if self.kind == "killed":
            os.kill(os.getpid(), 9)
        if self.kind == "group killed":
            os.killpg(os.getpgid(0), 9)
        if self.kind == "group killed on the way":  # six times, each a step further
            done = int(Path("done").read_text()) if os.path.exists("done") else 0
            if done < 6:
                Path("done").write_text(str(done + 1))
                Path("progress").write_text(f"{(done + 1) / 10} step {done + 1}")
                os.killpg(os.getpgid(0), 9)
            Path(self.out_file.get_path()).write_text("there\n")
        if self.kind == "third time":
            with open("tries", "a+") as file:
                file.write("x")
                file.seek(0)
                if len(file.read()) == 3:
                    Path(self.out_file.get_path()).write_text("at last\n")
                    return
            raise RuntimeError("not yet")


class Report(Job):
    """Writes what a task sees of its surroundings."""

    def __init__(self):
        self.out_file = self.output_path("seen.txt")

    def tasks(self):
        yield Task("run", mini_task=True)

    def run(self):
        import setups.top  # only importable if the base directory is on the path, after the change of directory

        names = "OMP_NUM_THREADS", "VIRTUAL_ENV", "SECRET"
        lines = [os.getcwd(), setups.top.NAME, *(f"{name}={os.environ.get(name)}" for name in names)]
        Path(self.out_file.get_path()).write_text("\n".join(lines))


class Grow(Job):
    """Learns from its first input how many jobs it needs, then joins theirs."""

    def __init__(self, length):
        self.length = length
        self.parts = []
        self.out_file = self.output_path("grown.txt")

    def update(self):
        if self.length.is_set() and not self.parts:
            self.parts = [Write(f"part {number}") for number in range(self.length.get())]
            for part in self.parts:
                self.add_input(part.out_file)

    def tasks(self):
        yield Task("run", resume="run", rqmt=REST)

    def run(self):
        Path(self.out_file.get_path()).write_text(f"{len(self.parts)}\n")


class Count(Job):
    """Counts in small steps, each kept; goes on from the last one. What it writes depends on every step."""

    starts_warm = True

    def __init__(self, name, steps=40):
        self.name = name
        self.steps = steps
        self.out_file = self.output_path("digest.txt")

    def tasks(self):
        yield Task("run", resume="run", rqmt=REST)

    def run(self):
        with open("starts", "a") as file:
            file.write(f"{os.getpid()}\n")
        step, digest = Path("state").read_text().split() if os.path.exists("state") else (0, self.name)
        for number in range(int(step), self.steps):
            digest = hashlib.sha256(f"{digest} {number}".encode()).hexdigest()
            Path("state.part").write_text(f"{number + 1} {digest}")
            os.replace("state.part", "state")
            Path("progress").write_text(f"{(number + 1) / self.steps} step {number + 1}")
            time.sleep(0.03)
        Path("digest.part").write_text(digest)
        os.replace("digest.part", self.out_file.get_path())


class Fill(Job):
    """Writes more than a small disk holds, unless the file `limit` next to this module is empty."""

    def __init__(self):
        self.out_file = self.output_path("big")

    def tasks(self):
        yield Task("run", resume="run", rqmt=REST)

    def run(self):
        limit = Path(__file__).with_name("limit").stat().st_size
        with open(self.out_file.get_path(), "wb") as file:
            for _ in range(limit):
                file.write(bytes(1_000_000))
