"""Compile read_out.c for the environment of this Python, unless that is done. Needs the standard library alone.

    python memristor_sim/fused/build.py         in a checkout; tools/environment.py does it
    python -m memristor_sim.fused.build         where memristor_sim is installed

The library lies in lib/memristor_sim of the environment, named by a digest of what it is made from, so that a change of
the source never meets an older library. Where it is missing, memristor_sim reads with torch operations: the same values
in more time. So nothing here is an error.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("read_out.c")
FLAGS = ("-O3", "-shared", "-fPIC", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
"""None of them lets a compiler change a value: no contraction, no reordering of sums."""


def library() -> Path:
    """Where the library of the present source and flags lies, or would lie."""
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:12]
    return Path(sys.prefix, "lib", "memristor_sim", f"read_out.{digest}.so")


def compiler() -> str | None:
    """Path of a C compiler: the one named in CC, or else cc, gcc or clang on the PATH; None when there is none."""
    names = [os.environ["CC"]] if os.environ.get("CC") else ["cc", "gcc", "clang"]
    return next(filter(None, map(shutil.which, names)), None)


def build(target: Path) -> str | None:
    """Compile the source to `target`, which is never incomplete.

    :return: None, or in one sentence why there is no library.
    """
    found = compiler()
    if found is None:
        return "no C compiler found; install gcc or clang, or name one in CC"
    scratch = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [found, *FLAGS, str(SOURCE), "-o", str(scratch), "-lm"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if done.returncode == 0:
            os.replace(scratch, target)
            return None
        return f"{found} failed: {' '.join(done.stdout.split())[-300:]}"
    except OSError as error:
        return f"{target.parent} cannot be written ({error.strerror})"
    finally:
        scratch.unlink(missing_ok=True)


def main() -> None:
    """Build the library unless it is there; say so where it cannot be built."""
    target = library()
    if not target.exists():
        reason = build(target)
        if reason is not None:
            print(f"memristor_sim: read-outs take torch operations alone, with the same values: {reason}", flush=True)


if __name__ == "__main__":
    main()
