"""Calibration after programming: a gain and an offset for each output column, so that devices give what digital does.

No labels and no gradients: each layer gets the inputs that the digital model feeds it, and what the cells make of them
is fitted to the digital product by least squares, column by column. Two digital numbers per column, behind the ADC.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from memristor_sim.calibration import Calibration, run
from memristor_sim.converter_fit import on_trial
from memristor_sim.errors import MemristorError
from memristor_sim.folding import folded
from memristor_sim.layer_builders import kind_of
from memristor_sim.modules.programmed import ScaledCrossbar
from memristor_sim.naming import named_layers, unwrapped
from memristor_sim.placing import joined
from memristor_sim.weights import is_fake_quantised


@torch.no_grad()
def calibrate_columns(
    model: nn.Module,
    digital: nn.Module,
    inputs: Calibration,
    *,
    name: str = "",
    subclasses: tuple[type, ...] = (),
) -> None:
    """Set gain and offset of every column of a programmed model, in place; a calibration that it had is replaced.

    They are applied before bias and output quantiser, and are in the state_dict (`column_affine`). Each layer computes
    digitally meanwhile, so that all of them see what the digital model feeds them, also steps of recurrent layers and
    projections of attention. Read noise comes from torch's generator, which is left as it was.

    :param model: programmed.
    :param digital: the model that it was programmed from, before its layers were replaced.
    :param inputs: of the model, as `program` takes them; a few hundred vectors per layer are enough.
    :param name: of the model in a larger one, as for `program`.
    :param subclasses: as for `program`.
    :raises MemristorError: a layer on crossbars is not in `digital`, or is never called by the inputs.
    """
    parts = [one for one in model.modules() if isinstance(one, ScaledCrossbar)]
    matrices = _matrices(digital, {one.crossbar.name for one in parts}, name, subclasses)
    fits = {part: _Fit() for part in parts}
    with on_trial(model), _observed(parts, matrices, fits):
        run(unwrapped(model), inputs)
    for part, fit in fits.items():
        if not fit.count:
            raise MemristorError(
                f"The calibration inputs never reach layer {part.crossbar.name!r}: give inputs that do, or leave the "
                "layer out with Hardware.exclude."
            )
        part.column_affine = fit.affine().to(part.scale)


def expect_columns(model: nn.Module) -> None:
    """Give a prepared model the gains and offsets of a calibrated device to load, 1 and 0 until then."""
    for part in model.modules():
        if isinstance(part, ScaledCrossbar):
            part.column_affine = part.identity_affine()


@dataclass
class _Fit:
    """Sums over vectors of what a device measured and of what was wanted, float64 [columns]."""

    count: int = 0
    sums: list[torch.Tensor] = field(default_factory=list)

    def see(self, measured: torch.Tensor, wanted: torch.Tensor) -> None:
        """Some vectors more, each [N, columns]."""
        x, y = measured.double(), wanted.double()
        new = [x.sum(0), y.sum(0), (x * x).sum(0), (x * y).sum(0)]
        self.sums = new if not self.sums else [one.add_(other) for one, other in zip(self.sums, new, strict=True)]
        self.count += len(x)

    def affine(self) -> torch.Tensor:
        """Gain and offset, [2, columns]; a column that never changes keeps the gain 1."""
        x, y, square, product = (one / self.count for one in self.sums)
        variance = square - x * x
        moves = variance > 1e-9 * square
        gain = torch.where(moves, (product - x * y) / torch.where(moves, variance, 1.0), 1.0)
        return torch.stack([gain, y - gain * x])


@contextmanager
def _observed(
    parts: list[ScaledCrossbar], matrices: dict[str, torch.Tensor], fits: dict[ScaledCrossbar, _Fit]
) -> Iterator[None]:
    """Within the context, the parts compute digitally and show what their cells would have given."""

    def observer(part: ScaledCrossbar, x: torch.Tensor) -> torch.Tensor:
        reach = float(part.scale[1])
        measured = part.raw_product(x)
        wanted = part.crossbar.exact(x.float().clamp(-reach, reach), matrices[part.crossbar.name].to(x.device))
        axis = -1 - len(part.crossbar.kernel)
        columns = part.column_count
        fits[part].see(*(y.movedim(axis, -1).reshape(-1, columns) for y in (measured, wanted)))
        return wanted

    try:
        for part in parts:
            part.observer = observer
        yield
    finally:
        for part in parts:
            part.observer = None


def _matrices(
    digital: nn.Module, wanted: set[str], prefix: str, subclasses: tuple[type, ...]
) -> dict[str, torch.Tensor]:
    """The weights of the digital model as crossbars should hold them, by the name of the crossbar."""
    found = {}
    for name, _, layer in named_layers(digital, prefix):
        kind = kind_of(layer, subclasses)
        if kind is None:
            continue
        with folded(layer):
            for key, part in kind.parts(layer).items():
                if joined(name, key) in wanted:
                    found[joined(name, key)] = part.layout.to_matrix(_values(part.carrier)).float()
    missing = sorted(wanted - found.keys())
    if missing:
        raise MemristorError(
            f"Layer {missing[0]!r} is on crossbars, and the digital model has no such layer: give the model that was "
            "programmed, as it was before, and its `name` and `subclasses`."
        )
    return found


def _values(carrier: Any) -> torch.Tensor:
    """The weight that the digital layer computes with, in its own shape."""
    if not is_fake_quantised(carrier):
        return carrier.weight.detach()
    integers = carrier.integer_weight().detach().float()
    scale = torch.as_tensor(carrier.weight_scale, dtype=torch.float32)
    if scale.numel() == len(integers):  # of each output
        scale = scale.reshape(-1, *[1] * (integers.dim() - 1))
    return integers * scale
