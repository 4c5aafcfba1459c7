"""`python -m recipe.transcribe AUDIO --config config/paper_tables.py --bits 3 --device 0`; see `make transcribe`."""

import argparse
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2] / "tools" / "local_sisyphus"


def arguments(values: list[str]) -> argparse.Namespace:
    """The options of a command line."""
    parser = argparse.ArgumentParser(prog="python -m recipe.transcribe", description=__doc__)
    parser.add_argument("audio", help="a recording: any format, rate and number of channels that soundfile reads")
    parser.add_argument("--config", default="config/paper_tables.py", help="the graph that made the models")
    parser.add_argument("--bits", default="3", help="weight bits, as in the tables: 3, or 8+4.1c0e for a mixture")
    parser.add_argument("--device", default="0", help="device seed; one that the graph lacks is programmed on the spot")
    parser.add_argument("--preset", default="physical", help="hardware: physical, paper or a name of the graph")
    parser.add_argument("--reference", default="", help="the words that were spoken, to count errors")
    return parser.parse_args(values)


def report(options: argparse.Namespace) -> str:
    """The text that the command prints: notes on the recording, both transcripts, and computing times.

    :param options: what `arguments` returns
    :raises InputError: when an option is invalid, the recording cannot be read, or the model is not finished
    """
    from recipe.errors import InputError, shown
    from recipe.transcribe.artefacts import find_pair

    if not re.fullmatch("[0-9]{1,9}", options.device):
        raise InputError(f"DEVICE is {shown(options.device)}; give a device seed, a number from 0, in digits")
    pair = find_pair(options.config, options.bits, options.preset, int(options.device))

    from recipe.transcribe import layout
    from recipe.transcribe.audio import cut, read_recording
    from recipe.transcribe.transcript import prefix_tree, transcribe

    rate_hz = pair[0].features.sample_rate_hz
    recording = read_recording(options.audio, rate_hz)
    pieces = cut(recording.samples, rate_hz)
    tree = prefix_tree(pair[0])
    transcripts = [transcribe(system, recording.samples, pieces, tree) for system in pair]
    notes = [*recording.notes, *([f"cut into {len(pieces)} pieces at its quietest points"] if pieces[1:] else [])]
    lines = [f"{options.audio}: {recording.duration_s:.2f} s, {', '.join(notes)}"]
    lines += [f"{system.name}: LM scale {system.lm_scale:g}, prior scale {system.prior_scale:g}" for system in pair]
    if pair[1].device_seed is not None:
        lines[-1] += f" (the digital model's; device programmed now, in {transcripts[1].loading_s:.1f} s)"
    lines += ["", *layout.texts([system.name for system in pair], transcripts, options.reference)]
    lines += ["", *layout.side_by_side(*transcripts)]
    lines += ["", f"{recording.duration_s:.2f} s of audio", *layout.timing(recording.duration_s, transcripts)]
    return "\n".join(lines)


def main(values: list[str]) -> int:
    """Print the transcripts, or one sentence on what is wrong; returns the exit status."""
    if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:
        sys.path.insert(0, str(ENGINE))
    from recipe.errors import InputError

    try:
        print(report(arguments(values)))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    # A second thread saves a tenth of the time on free cores. On busy ones, two threads wait seconds for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
