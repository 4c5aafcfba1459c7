"""`python -m tests.memristor_sim.zoo [WORD ...]`: a table of networks on crossbars, where their package is installed.

Words select networks by part of their name.
"""

import copy
import sys
import time
import warnings

import torch

import memristor_sim
from tests.memristor_sim.foreign_networks import NETWORKS, outputs


def row(name: str) -> str:
    """One line of the table: shares, errors at 8 and 4 bits, whether a saved device gives the same, seconds."""
    torch.manual_seed(0)
    try:
        model, call = NETWORKS[name]()
    except ImportError as error:
        return f"| {name} | not installed: {error.name} | | | | | |"
    model.eval()
    with torch.no_grad():
        wanted = outputs(model(**call))
    cells, started = [], time.process_time()
    for bits in (8, 4):
        hardware = memristor_sim.physical(weight_bits=bits, map_depthwise=True)
        device = memristor_sim.program(copy.deepcopy(model), hardware, 0, calibration=[call])
        with torch.no_grad():
            found = outputs(device(**call))
        cells.append(f"{float((found - wanted).norm() / wanted.norm()):.3f}")
    report = memristor_sim.mapping_report(device)
    left = tuple(layer.name for layer in report.layers if layer.left)
    again = memristor_sim.prepare(model, memristor_sim.physical(weight_bits=4, map_depthwise=True, exclude=left))
    again.load_state_dict(device.state_dict())
    results = []
    for one in (device, again):
        torch.manual_seed(1)
        with torch.no_grad():
            results.append(outputs(one(**call)))
    same = "yes" if torch.equal(*results) else "no"
    share, seconds = report.multiply_add_share, time.process_time() - started
    counted = "" if share is None else f"{share:.1%}"
    return f"| {name} | {report.weight_share:.1%} | {counted} | {' | '.join(cells)} | {same} | {seconds:.1f} |"


def main(words: list[str]) -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    print("| network | weights mapped | multiply-adds | error, 8 bit | 4 bit | save/load | CPU s |")
    print("|---|---|---|---|---|---|---|")
    for name in NETWORKS:
        if not words or any(word in name for word in words):
            print(row(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
