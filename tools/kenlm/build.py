"""Build KenLM's `lmplz` and `build_binary` into the environment's bin folder, unless they are there already.

    .venv/bin/python tools/kenlm/build.py

The kenlm package installs only the Python module; its source archive also contains these two programs. They need
Boost, which the package cmeel-boost contains prebuilt. That package is unpacked and not installed, because it requires
an older numpy. The two Boost libraries in use are copied to lib/kenlm, and the programs find them by a relative path,
so the environment can be moved. pip checks every download against the digests below. Nothing here needs root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = ("lmplz", "build_binary")
SOURCE = "kenlm==0.3.0 --hash=sha256:c4628bb9fb63c8a6f9240035b8b037385cfc404cb72e933cf48878291edac1e8"
BOOST = " ".join(
    [
        "cmeel-boost==1.87.0.1",
        "--hash=sha256:4d8f490c3dd7f09a2ff18d8273805371d39efba02ccad711c0417eaba22a5cd8",  # Python 3.11, x86_64
        "--hash=sha256:fd09a404663bbf610d0a6d786e0ed53a656f2d3dd50b30cf73324b982dd04753",  # Python 3.12, x86_64
        "--hash=sha256:e0577a13e99187a66859daa2a873ec5cda852341c27219eb8bbbff6c0be59476",  # Python 3.11, aarch64
        "--hash=sha256:d3bd5a9855cda2ae8402b487fe028649a50c241e975bce765f33c87dba07324e",  # Python 3.12, aarch64
    ]
)
FREE_GB = 1  # Boost unpacked takes 0.3 GB, the build 0.1 GB


def stop(sentence):
    """End with a message and exit status 1."""
    sys.exit("kenlm: " + sentence)


def works(program):
    """Whether the program exists and starts: both print their usage when they get no input."""
    try:
        return b"sage" in subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True).stderr
    except OSError:
        return False


def run(what, command):
    """Run one step. If it fails, print the end of its output and stop."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if result.returncode != 0:
        print("\n".join(result.stdout.splitlines()[-25:]), file=sys.stderr)
        stop(f"{what} failed; the end of what it printed is above")


def pip(folder, name, requirement, *arguments):
    """Run a pip command on one requirement with digests, which pip accepts only in a file."""
    listed = folder / f"{name}.txt"
    listed.write_text(requirement + "\n")
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--no-deps", "--disable-pip-version-check"]
    run(f"fetching {name} with pip", [*command, "--require-hashes", "-r", str(listed)])


def find_cmake():
    """Path of cmake: the environment's, or else one on the PATH. Stops when there is none."""
    cmake = Path(sys.prefix, "bin", "cmake")
    if cmake.exists():
        return str(cmake)
    return shutil.which("cmake") or stop("no cmake found; install the packages of requirements/run.txt first")


def check_machine():
    """Stop when there is no C++ compiler or too little disk."""
    compiler = os.environ.get("CXX") or next(filter(shutil.which, ("c++", "g++", "clang++")), None)
    if compiler is None or shutil.which(compiler) is None:
        stop("no C++ compiler found; install g++ or clang++, or name one in CXX")
    if shutil.disk_usage(sys.prefix).free < FREE_GB * 1e9:
        stop(f"less than {FREE_GB} GB of disk is free in {sys.prefix}; free some and try again")


def compile_tools(folder):
    """Download, unpack and compile in `folder`; returns the folders of the programs and of the Boost libraries."""
    cmake = find_cmake()
    pip(folder, "kenlm", SOURCE, "download", "--no-binary", "kenlm", "--dest", str(folder))
    pip(folder, "boost", BOOST, "install", "--only-binary", ":all:", "--target", str(folder / "boost"))
    shutil.unpack_archive(next(folder.glob("kenlm-*.tar.gz")), folder)  # pip has checked its digest
    source, boost, build = folder / "kenlm-0.3.0", folder / "boost" / "cmeel.prefix", folder / "build"
    settings = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_POLICY_VERSION_MINIMUM": "3.5",
        "CMAKE_PREFIX_PATH": boost,
        "Boost_NO_SYSTEM_PATHS": "ON",
        "CMAKE_BUILD_WITH_INSTALL_RPATH": "ON",
        "CMAKE_INSTALL_RPATH": "$ORIGIN/../lib/kenlm",
        "CMAKE_DISABLE_FIND_PACKAGE_Eigen3": "ON",  # used by its interpolation program only
    }
    configure = [cmake, "-S", str(source), "-B", str(build), *(f"-D{key}={value}" for key, value in settings.items())]
    run("configuring KenLM with cmake", configure)
    run("compiling KenLM", [cmake, "--build", str(build), "-j2", "--target", *TOOLS])
    return build / "bin", boost / "lib"


def needed_libraries(program, folder):
    """The libraries in `folder` that the program is linked against: those whose names its binary contains."""
    content = program.read_bytes()
    return [path for path in sorted(folder.glob("*.so.*")) if path.name.encode() + b"\0" in content]


def place(source, target):
    """Copy next to the target, then rename, so that the target is never incomplete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".part-{os.getpid()}-{target.name}")
    shutil.copy2(source, scratch)
    os.replace(scratch, target)


def main():
    """Build and install the programs unless both start."""
    if sys.prefix == sys.base_prefix:
        stop("run it with the Python of the environment: .venv/bin/python tools/kenlm/build.py")
    prefix = Path(sys.prefix)
    if all(works(prefix / "bin" / tool) for tool in TOOLS):
        return
    check_machine()
    with tempfile.TemporaryDirectory(dir=prefix, prefix="kenlm-build-") as folder:
        programs, libraries = compile_tools(Path(folder))
        for library in {path for tool in TOOLS for path in needed_libraries(programs / tool, libraries)}:
            place(library, prefix / "lib" / "kenlm" / library.name)
        for tool in TOOLS:
            place(programs / tool, prefix / "bin" / tool)
    if not all(works(prefix / "bin" / tool) for tool in TOOLS):
        stop("the programs were built but do not start; run .venv/bin/lmplz to see why")


if __name__ == "__main__":
    main()
