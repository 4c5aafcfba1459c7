"""python -m memristor_sim table1 | characterise --out DIR"""

import argparse
import importlib.util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def main(arguments: list[str] | None = None) -> None:
    """Run one command, or list them all; ends the process with a message when its arguments cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m memristor_sim", description="What the simulated cells do.")
    parser.add_argument("--version", action="version", version=f"memristor_sim {installed_version()}")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    table = commands.add_parser("table1", help="products of single cells beside table 1 of arXiv 2505.24721")
    table.add_argument("--cells", type=int, default=1_000_000, help="pairs per row, a multiple of 10000")
    table.add_argument("--seed", type=int, default=0, help="device seed")
    draw = commands.add_parser("characterise", help="draw I-V loops, states, transfer curves, tiles and converters")
    draw.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    draw.add_argument("--seed", type=int, default=0, help="device seed")
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
    elif options.command == "table1":
        from memristor_sim.table1 import GROUP, measured_rows, text

        if options.cells < GROUP or options.cells % GROUP:
            parser.error(f"--cells {options.cells} is not a multiple of {GROUP}: round it up.")
        print(text(measured_rows(cells=options.cells, device_seed=options.seed)))
    else:
        if importlib.util.find_spec("matplotlib") is None:
            parser.error("characterise needs matplotlib: pip install 'memristor-sim[plots]'.")
        if options.out.exists() and not options.out.is_dir():
            parser.error(f"--out {options.out} is a file: give a folder.")
        from memristor_sim.characterise import draw_all

        for path in draw_all(options.out, device_seed=options.seed):
            print(path)


def installed_version() -> str:
    """That of the installed distribution, which pyproject.toml names; `(from a checkout)` where none is installed."""
    try:
        return version("memristor-sim")
    except PackageNotFoundError:
        return "(from a checkout)"


if __name__ == "__main__":
    main()
