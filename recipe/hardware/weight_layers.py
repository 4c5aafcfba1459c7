"""The weight matrices of a model's network, with what makes each of them compute. Loads torch."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from math import prod

from torch import nn

from memristor_sim.cost import Cost, LayerShape, layer_cost, total_cost
from memristor_sim.hardware import Hardware
from recipe.hardware.weight_reads import FRAME, LABEL, PAIR, RECURRENT, Speech, WeightLayer
from recipe.models.protocol import AcousticModel

STEP_OF_PREFIX = {"predictor.": LABEL, "joiner.predictor": LABEL, "joiner.output": PAIR}
"""By the beginning of a module's name in the network of a transducer; all others compute per frame."""
CTC_OUTPUT = "encoder.output"
"""Of a transducer's encoder: recognition does not use it."""


def weight_layers(model: AcousticModel) -> list[WeightLayer]:
    """Linears, convolutions and LSTMs that recognition uses.

    Biases, norms and embeddings (a row per label) are left out as small. Depthwise convolutions stay digital, as
    published.
    """
    found: list[WeightLayer] = []
    for name, module in model.build(False).named_modules():
        if name != CTC_OUTPUT:
            mapped = any(fnmatchcase(name, pattern) for pattern in model.quantized_layers)
            found += (replace(layer, mapped=mapped and layer.groups == 1) for layer in _layers(name, module))
    return found


def _layers(name: str, module: nn.Module) -> list[WeightLayer]:
    step = next((step for prefix, step in STEP_OF_PREFIX.items() if name.startswith(prefix)), FRAME)
    if isinstance(module, nn.Linear):
        return [WeightLayer(name=name, rows=module.in_features, columns=module.out_features, step=step)]
    if isinstance(module, nn.Conv1d | nn.Conv2d):
        outputs, *kernel = module.weight.shape
        columns = outputs // module.groups
        return [WeightLayer(name=name, rows=prod(kernel), columns=columns, groups=module.groups, step=step)]
    if isinstance(module, nn.LSTM):
        gates, after_itself = 4 * module.hidden_size, LABEL if step == LABEL else RECURRENT
        return [
            WeightLayer(name=f"{name}.ih_l0", rows=module.input_size, columns=gates, step=step),
            WeightLayer(name=f"{name}.hh_l0", rows=module.hidden_size, columns=gates, step=after_itself),
        ]
    return []


def in_memory_cost(layers: Iterable[WeightLayer], weight_bits: int, hardware: Hardware, speech: Speech) -> Cost:
    """Arrays and conversions of the layers that crossbars hold."""
    return total_cost(
        layer_cost(
            LayerShape(
                name=layer.name,
                rows=layer.rows,
                columns=layer.columns,
                groups=layer.groups,
                weight_bits=weight_bits,
                vectors_per_s=speech.steps_per_s(layer.step),
            ),
            hardware,
        )
        for layer in layers
        if layer.mapped
    )


def parts(layers: Sequence[WeightLayer]) -> dict[str, list[WeightLayer]]:
    """The layers of a transducer by part, `encoder`, `predictor`, `joiner`; those of other models together."""
    found: dict[str, list[WeightLayer]] = {}
    for layer in layers:
        part = layer.name.split(".")[0]
        found.setdefault(part if part in ("predictor", "joiner") else "encoder", []).append(layer)
    return found
