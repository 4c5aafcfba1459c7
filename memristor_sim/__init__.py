"""Memristor crossbars with measured device statistics, for PyTorch models.

Names are loaded when they are first used, so that `memristor_sim.hardware` imports no torch.
"""

import importlib
from typing import Any

_EXPORTS = {
    "memristor_sim.hardware": ("Adc", "Converters", "Cycles", "Dac", "Drift", "Hardware", "RandomPulses", "ReadNoise",
                               "StuckAt", "Temperature", "Verify", "Wires", "paper", "physical"),
    "memristor_sim.cells.ideal": ("IdealSynaptogen",),
    "memristor_sim.column_affine": ("calibrate_columns",),
    "memristor_sim.converter_fit": ("fit_adc_ranges",),
    "memristor_sim.norm_matching": ("match_norms",),
    "memristor_sim.coding": ("Positional", "Unary"),
    "memristor_sim.cells.measured_levels": ("MeasuredLevels",),
    "memristor_sim.cells.synaptogen": ("Synaptogen",),
    "memristor_sim.kept_operands": ("set_operand_budget",),
    "memristor_sim.errors": ("MemristorError", "MemristorWarning"),
    "memristor_sim.report": ("MappingReport", "mapping_report"),
    "memristor_sim.conversion": ("prepare", "program"),
    "memristor_sim.quantisation": ("Largest", "LeastSquares", "MovingAverage", "Percentile", "Quantisation", "Sigma"),
    "memristor_sim.in_situ": ("rewrite", "settle", "write_through"),
    "memristor_sim.tracing": ("check_inputs",),
    "memristor_sim.training": ("trainable",),
    "memristor_sim.clipping": ("recorded_clipping",),
    "memristor_sim.cost": ("model_costs",),
    "memristor_sim.energy": ("EnergyModel",),
    "memristor_sim.work_meter": ("recorded_work",),
}  # fmt: skip
_MODULES = {name: module for module, names in _EXPORTS.items() for name in names}
__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
