"""Transducers in the place of a setup's CTC model: its encoder, a predictor, a joiner."""

from dataclasses import replace

from recipe.errors import InputError
from recipe.models.conformer import ConformerConfig
from recipe.models.lstm import LstmConfig
from recipe.models.predictor import ContextOnePredictor, Predictor
from recipe.models.transducer import TransducerConfig
from recipe.setup import ScaleGrid, Setup
from setups.mini import mini
from setups.tiny import tiny

LAST_LABEL = ContextOnePredictor(embedding_dim=64, hidden_dim=128)
LAST_LABEL_OF_TINY = ContextOnePredictor(embedding_dim=16, hidden_dim=32)


def transducer_of(base: Setup, predictor: Predictor, joiner_dim: int) -> Setup:
    """A setup with a transducer on the encoder of its CTC model, whose training the transducer starts from.

    The second scale of the grid is that of the internal language model. On mini the best pairs lay at 2.0 and 0.6
    (float, 3-bit PTQ) and at 1.5 and 0.4 (3-bit QAT), inside the grid.

    :raises InputError: when the model of `base` is no encoder
    """
    encoder = base.model
    if not isinstance(encoder, ConformerConfig | LstmConfig):
        raise InputError(f"{type(encoder).__name__} of setup {base.name} is no encoder; give one with CTC")
    return replace(
        base,
        name=f"{base.name}-{'lstm-' if predictor.label_context is None else ''}transducer",
        model=TransducerConfig(encoder=encoder, predictor=predictor, joiner_dim=joiner_dim),
        search=replace(base.search, beam=128, beam_threshold=12.0),
        scale_grid=ScaleGrid(
            lm_scales=(1.0, 1.5, 2.0, 2.5),
            prior_scales=(0.0, 0.2, 0.4, 0.6, 0.8),
            fixed_lm_scale=1.5,
            fixed_prior_scale=0.4,
            digital=base.scale_grid.digital,
            devices=base.scale_grid.devices,
        ),
        ptq_scale_grid=None,
    )


def mini_transducer(predictor: Predictor = LAST_LABEL) -> Setup:
    """On the mini corpus."""
    return transducer_of(mini(), predictor, joiner_dim=128)


def tiny_transducer(predictor: Predictor = LAST_LABEL_OF_TINY) -> Setup:
    """On the easy task of the tests."""
    return transducer_of(tiny(), predictor, joiner_dim=48)
