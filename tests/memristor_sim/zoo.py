"""`python -m tests.memristor_sim.zoo [WORD ...]`: a table of networks on crossbars, where their package is installed.

Words select networks by part of their name. `make zoo` installs the packages and calls it with `--publish`, which
measures all networks and the detector of speech, and writes docs/results/zoo and the pages that show these tables.
"""

import copy
import json
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import nn

import memristor_sim
from memristor_sim import Hardware, MappingReport, Quantisation
from recipe.report.published import circumstances, renew
from tests.memristor_sim import voice_activity
from tests.memristor_sim.foreign_networks import NETWORKS, outputs

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path("docs/results/zoo")
HEAD = (
    "| network | weights | mapped, % | multiply-adds, % | error, 8 bit | 4 bit | 8 bit calibrated | loaded | CPU s |",
    "|---|---|---|---|---|---|---|---|---|",
)


def _hardware(bits: int, **changes: Any) -> Hardware:
    return memristor_sim.physical(weight_bits=bits, map_depthwise=True, **changes)


CALIBRATED = _hardware(8, quantisation=Quantisation(per_column=True))


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One network."""

    report: MappingReport
    errors: tuple[float, ...]
    """Norm of the difference of the first output to the digital one, over the norm of that, at 8 and 4 bit, and at 8
    bit with column scales and calibration. Where the digital one is 0 nothing counts: nn.TransformerEncoder's fast path
    gives that for padding."""
    same: bool
    """Whether the calibrated device gives the same once its state is loaded into a prepared model."""
    cpu_s: float


@torch.no_grad()
def output(model: nn.Module, call: dict[str, Any]) -> torch.Tensor:
    """The first output; the read noise is the same in each call."""
    torch.manual_seed(1)
    return outputs(model(**call))


def programmed(model: nn.Module, call: dict[str, Any], hardware: Hardware) -> nn.Module:
    """A copy on crossbars; with column scales, its columns are calibrated."""
    device = memristor_sim.program(copy.deepcopy(model), hardware, 0, calibration=[call])
    if hardware.quantisation.per_column:
        memristor_sim.calibrate_columns(device, model, [call])
    return device


def loaded(device: nn.Module, model: nn.Module, hardware: Hardware) -> nn.Module:
    """Another copy with the state of a device; layers that the call did not reach are left out by name."""
    left = tuple(layer.name for layer in memristor_sim.mapping_report(device).layers if layer.left)
    again = memristor_sim.prepare(copy.deepcopy(model), memristor_sim.physical(**_fields(hardware), exclude=left))
    again.load_state_dict(device.state_dict())
    return again


def _fields(hardware: Hardware) -> dict[str, Any]:
    return {name: getattr(hardware, name) for name in ("weight_bits", "map_depthwise", "quantisation")}


# Some networks have dropout that is never switched off: it would be other noise in each device.
@patch("torch.nn.functional.dropout", lambda x, *args, **kwargs: x)
def measured(model: nn.Module, call: dict[str, Any]) -> Measured:
    """Program a network at 8 and 4 bit, and at 8 bit with calibration."""
    started = time.process_time()
    wanted = output(model, call)
    errors = []
    for hardware in (_hardware(8), _hardware(4), CALIBRATED):
        device = programmed(model, call, hardware)
        found = output(device, call)
        errors.append(float((found - wanted)[wanted != 0].norm() / wanted.norm()))
    same = torch.equal(output(loaded(device, model, CALIBRATED), call), found)
    return Measured(
        report=memristor_sim.mapping_report(device),
        errors=tuple(errors),
        same=same,
        cpu_s=time.process_time() - started,
    )


def row(name: str) -> str:
    """One line of the table."""
    torch.manual_seed(0)
    try:
        model, call = NETWORKS[name]()
    except ImportError as error:
        return f"| {name} | not installed: {error.name} |{' |' * 7}"
    found = measured(model.eval(), call)
    report, share = found.report, found.report.multiply_add_share
    weights = sum(layer.weights for layer in report.layers if layer.is_product)
    cells = [name, f"{weights:,}", f"{100 * report.weight_share:.1f}", "" if share is None else f"{100 * share:.1f}"]
    cells += [f"{error:.3f}" for error in found.errors]
    return f"| {' | '.join([*cells, 'the same' if found.same else 'differs', f'{found.cpu_s:.1f}'])} |"


def table(words: list[str]) -> Iterator[str]:
    """Lines of the table, of networks whose name has one of the words; of all without words."""
    yield from HEAD
    yield from (row(name) for name in NETWORKS if not words or any(word in name for word in words))


def _printed(lines: Iterable[str]) -> str:
    text = ""
    for line in lines:
        print(line, flush=True)
        text += line + "\n"
    return text


def publish(root: Path = ROOT) -> None:
    """Measure everything, then write docs/results/zoo and renew the pages that show it."""
    model, (minute, calibration) = voice_activity.detector(), voice_activity.recordings()
    texts = {
        "networks.md": _printed(table([])),
        "voice_activity.md": _printed(voice_activity.agreement_table(model, minute, calibration)),
        "voice_activity_layers.md": _printed(voice_activity.layer_table(model, minute, calibration)),
    }
    folder = root / RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    made = circumstances("tests/memristor_sim/zoo.py", root)
    (folder / "run.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    for path in renew(root):
        print(path)


def main(words: list[str]) -> None:
    """Print the table, or publish all."""
    warnings.simplefilter("ignore")
    if words == ["--publish"]:
        publish()
    else:
        _printed(table(words))


if __name__ == "__main__":
    main(sys.argv[1:])
