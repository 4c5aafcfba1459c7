"""A row per choice on which the paper's text and code disagree (docs/deviations.md), beside the published one."""

from dataclasses import replace

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat
from setups.mini import conformer, mini


def py():
    setup = replace(mini(), name="mini-choices", model=replace(conformer(), attention_dropout=0.2))
    others = [Qat(4, {"attention_operand_bits": 8}), Qat(4, {"attention_dropout": True})]
    biases = [Memristor(4, k, physical(digital_bias=on), f"bias {on}") for on in (True, False) for k in (1, 2, 3)]
    return run(setup, [Float(), Ptq(4), Ptq(4, {"quantize_depthwise": False}), Qat(4), *others, *biases])
