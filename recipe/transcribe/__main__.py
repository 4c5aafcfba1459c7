"""`python -m recipe.transcribe AUDIO --config config/paper_tables.py --bits 3 --device 0`; see `make transcribe`."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recipe.transcribe.audio import Recording
    from recipe.transcribe.documents import Heard
    from recipe.transcribe.recordings import Named
    from recipe.transcribe.transcript import Listener

ENGINE = Path(__file__).resolve().parents[2] / "tools" / "local_sisyphus"


def arguments(values: list[str]) -> argparse.Namespace:
    """The options of a command line."""
    parser = argparse.ArgumentParser(prog="python -m recipe.transcribe", description=__doc__)
    parser.add_argument(
        "audio",
        help="a recording (any format, rate and number of channels that soundfile reads), several separated by spaces, "
        "a folder, or a list: a .txt file with a path per line",
    )
    parser.add_argument(
        "--config", default="", help="the graph that made the models; without, the last one started here"
    )
    parser.add_argument("--bits", default="3", help="weight bits, as in the tables: 3, or 8+4.1c0e for a mixture")
    parser.add_argument("--device", default="0", help="device seed; one that the graph lacks is programmed on the spot")
    parser.add_argument("--preset", default="physical", help="hardware: physical, paper or a name of the graph")
    parser.add_argument("--reference", default="", help="the words that were spoken, to count errors")
    parser.add_argument("--format", default="", help="html and json are written into the folder of --out: `html json`")
    parser.add_argument("--out", default="output", help="folder of transcripts.html and transcripts.json")
    return parser.parse_args(values)


def run(options: argparse.Namespace) -> int:
    """Print, for every recording, notes, both transcripts and computing times; then write the files that are asked for.

    A recording that cannot be read is told in one sentence, and the others are heard all the same.

    :param options: what `arguments` returns
    :return: how many recordings could not be read
    :raises InputError: when an option is invalid, the model is not finished, or the only recording cannot be read
    """
    from recipe.errors import InputError, shown
    from recipe.graph.made_from import recalled_config
    from recipe.transcribe.artefacts import find_pair
    from recipe.transcribe.recordings import recordings

    if not re.fullmatch("[0-9]{1,9}", options.device):
        raise InputError(f"DEVICE is {shown(options.device)}; give a device seed, a number from 0, in digits")
    pair = find_pair(recalled_config(options.config), options.bits, options.preset, int(options.device))

    from recipe.transcribe import documents
    from recipe.transcribe.audio import read_recording
    from recipe.transcribe.transcript import Listener, prefix_tree

    formats = documents.checked_formats(options.format)
    named = recordings(options.audio, options.reference)
    rate_hz = pair[0].features.sample_rate_hz
    first = read_recording(named[0].path, rate_hz) if len(named) == 1 else None  # before models are loaded
    tree = prefix_tree(pair[0])
    listeners = [Listener(system, tree) for system in pair]
    print("\n".join(systems_lines(listeners)), flush=True)
    heard, unread = [], 0
    for one in named:
        try:
            heard.append(hear(one, first or read_recording(one.path, rate_hz), listeners))
        except InputError as error:
            if first is not None:
                raise
            print(error, file=sys.stderr, flush=True)
            unread += 1
        else:
            print("\n".join(["", *recording_lines(heard[-1], [system.name for system in pair])]), flush=True)
    for path in documents.write(Path(options.out), formats, pair, heard):
        print(f"Written: {path}")
    return unread


def hear(named: "Named", recording: "Recording", listeners: "Sequence[Listener]") -> "Heard":
    """A recording, cut into pieces and heard by all."""
    from recipe.transcribe.audio import cut
    from recipe.transcribe.documents import Heard

    pieces = cut(recording.samples, listeners[0].system.features.sample_rate_hz)
    transcripts = tuple(listener.hear(recording.samples, pieces) for listener in listeners)
    return Heard(named=named, recording=recording, num_pieces=len(pieces), transcripts=transcripts)


def systems_lines(listeners: "Sequence[Listener]") -> list[str]:
    """A line per system with its search scales."""
    systems = [one.system for one in listeners]
    lines = [f"{one.name}: LM scale {one.lm_scale:g}, prior scale {one.prior_scale:g}" for one in systems]
    if systems[1].device_seed is not None:
        lines[1] += f" (the digital model's; device programmed now, in {listeners[1].loading_s:.1f} s)"
    return lines


def recording_lines(heard: "Heard", names: list[str]) -> list[str]:
    """What is printed of a recording."""
    from recipe.transcribe import layout

    duration_s, transcripts = heard.recording.duration_s, heard.transcripts
    return [
        f"{heard.named.path}: {duration_s:.2f} s, {', '.join(heard.notes)}",
        *layout.texts(names, list(transcripts), heard.named.reference),
        "",
        *layout.side_by_side(transcripts[0], transcripts[1]),
        "",
        f"{duration_s:.2f} s of audio",
        *layout.timing(duration_s, list(transcripts)),
    ]


def main(values: list[str]) -> int:
    """Print the transcripts, or one sentence on what is wrong; returns the exit status."""
    if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:
        sys.path.insert(0, str(ENGINE))
    from recipe.errors import InputError

    try:
        return int(run(arguments(values)) > 0)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    # A second thread saves a tenth of the time on free cores. On busy ones, two threads wait seconds for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
