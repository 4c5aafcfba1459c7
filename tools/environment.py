"""Create .venv with the pinned packages, the KenLM programs and the compiled read-out of memristor_sim.

Returns immediately when nothing has changed.

The code runs under any Python 3, so that a wrong version gets a clear message and not a syntax error.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "installed.sha256")
LOCK = "requirements.lock"  # requirements/*.txt and constraints.txt with the digests of all files of each version
READ_OUT = os.path.join("memristor_sim", "fused", "build.py")
DEFINED_BY = [LOCK, os.path.join("tools", "kenlm", "build.py"), READ_OUT, READ_OUT.replace("build.py", "read_out.c")]
SUPPORTED = ("3.11", "3.12")
DISK_GB = 9


def stop(sentence):
    """End with a message and exit status 1."""
    sys.exit("environment: " + sentence)


def python_of_environment():
    """Path of .venv's interpreter."""
    return os.path.join(VENV, "bin", "python")


def version_of(python):
    """`3.11` or the like; None when this interpreter does not run."""
    try:
        command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        return subprocess.check_output(command, stderr=subprocess.DEVNULL).decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def supported_python():
    """Path of a Python 3.11 or 3.12: this interpreter, or else one on the PATH. Stops when there is none."""
    candidates = [sys.executable] + [path for path in map(shutil.which, ("python3.12", "python3.11")) if path]
    for python in candidates:
        if version_of(python) in SUPPORTED:
            return python
    stop(
        "Python 3.11 or 3.12 is needed, this is %d.%d; install one and call make PYTHON=/path/to/it"
        % sys.version_info[:2]
    )


def check_machine():
    """Stop when there is no C++ compiler, or too little disk for a new environment."""
    if not any(shutil.which(compiler) for compiler in (os.environ.get("CXX", "c++"), "g++", "clang++")):
        stop("no C++ compiler found; install g++ or clang++, or name one in CXX (it builds the KenLM tools)")
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if not os.path.isdir(VENV) and free_gb < DISK_GB:
        stop("%.1f GB of disk are free in %s, %d GB are needed for the packages" % (free_gb, ROOT, DISK_GB))


def definition():
    """SHA-256 of the files that determine the content of the environment."""
    digest = hashlib.sha256()
    for name in DEFINED_BY:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed():
    """The definition that .venv was installed from; None when it is not complete."""
    try:
        with open(STAMP) as file:
            return file.read().strip()
    except OSError:
        return None


def run(*steps):
    """Run steps, each (what, command), in parallel. When all have ended, stop if any of them has failed."""
    processes = []
    for what, command in steps:
        print("environment: " + what, flush=True)
        processes.append((what, subprocess.Popen(command, cwd=ROOT)))
    failed = [what for what, process in processes if process.wait() != 0]
    if failed:
        stop("that step failed; its messages are above (the step was: %s)" % " and: ".join(failed))


def pip_install(requirements):
    """A command that installs the packages of a file into the environment, each download compared with its digest."""
    pip = [python_of_environment(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return [*pip, "--require-hashes", "--requirement=" + requirements]


def write_locked(package, path):
    """Write the lines of one package in the lock to a file of their own."""
    taken = []
    with open(os.path.join(ROOT, LOCK)) as file:
        for line in file:
            if line.startswith(package + "==") or (taken and line.startswith(" ")):
                taken.append(line)
            elif taken:
                break
    with open(path, "w") as file:
        file.writelines(taken)


def main():
    """Install what `definition` says unless it is installed."""
    if installed() == definition():
        return
    python = supported_python()
    check_machine()
    venv_python = python_of_environment()
    if version_of(venv_python) not in SUPPORTED:
        run(("creating .venv with Python " + version_of(python), [python, "-m", "venv", "--clear", VENV]))
    cmake = os.path.join(VENV, "cmake.txt")
    write_locked("cmake", cmake)
    run(("installing cmake into .venv", pip_install(cmake)))
    run(  # in parallel: one step is limited by the CPU, the other by the disk
        (
            "installing the pinned packages into .venv (4.6 GB, one to three minutes)",
            pip_install(LOCK),
        ),
        ("building the KenLM tools beside that", [venv_python, os.path.join("tools", "kenlm", "build.py")]),
        ("compiling the read-out of memristor_sim, if there is a C compiler", [venv_python, READ_OUT]),
    )
    with open(STAMP + ".part", "w") as file:
        file.write(definition() + "\n")
    os.replace(STAMP + ".part", STAMP)
    print("environment: ready", flush=True)


if __name__ == "__main__":
    main()
