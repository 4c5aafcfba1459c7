"""Imports every module of the package in the given folder; prints `module<TAB>error`, the error empty on success."""

import contextlib
import importlib
import io
import sys
from pathlib import Path

package = Path(sys.argv[1])
for file in sorted(package.rglob("*.py")):
    parts = file.relative_to(package.parent).with_suffix("").parts
    if parts[1] in ("tests", "docs"):
        continue
    name = ".".join(parts).removesuffix(".__init__")
    error = ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            importlib.import_module(name)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}".replace("\n", " ")
    print(name, error, sep="\t", flush=True)
