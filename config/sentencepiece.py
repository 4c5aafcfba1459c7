"""60 sub-word labels in place of phonemes. The work that followed the paper has 128: too many for mini's speech."""

from dataclasses import replace

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.lexicon.labels import SentencePieceLabels
from recipe.systems import Float, Qat
from setups.mini import mini


def py():
    setup = replace(mini(labels=SentencePieceLabels(size=60)), name="mini-sentencepiece")
    return run(setup, [Float(), Qat(4), Qat(3), *devices(3, seeds=3)])
