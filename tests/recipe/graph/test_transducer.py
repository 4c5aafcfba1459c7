"""Graphs of transducers: what trains them, what searches with them, what is refused before anything runs."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from memristor_sim.hardware import physical
from recipe.decoding.config import TransducerSearchFiles
from recipe.decoding.forward_jobs import PriorJob
from recipe.errors import InputError
from recipe.graph.experiment import Experiment
from recipe.models.predictor import ContextOnePredictor, LstmPredictor
from recipe.models.transducer import TransducerConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.layers import QuantizedConv2d
from recipe.systems import Float, Memristor, Ptq, Qat
from recipe.training.checkpoints import LAST_CHECKPOINT
from setups.mini import PHONEMES
from setups.tiny import tiny
from setups.transducer import mini_transducer, tiny_transducer, transducer_of
from tests.recipe.graph.test_experiment import ancestors

DEVICE = Memristor(3, 1, physical())


def test_a_transducer_starts_from_the_ctc_training_that_other_graphs_have():
    transducer, ctc = Experiment(tiny_transducer()), Experiment(tiny())
    for system in (Float(), Qat(3)):
        start = transducer.training(system).encoder.creator
        assert start.job_id() == ctc.training(system).job_id()
        assert transducer.training(system).job_id() != start.job_id()


def test_what_it_starts_from_is_part_of_its_identity_and_may_be_nothing():
    base = tiny_transducer()
    warm, cold = (replace(base, model=replace(base.model, warm_start=start)) for start in (True, False))
    assert Experiment(cold).training(Float()).encoder is None
    longer = replace(base, encoder_training=replace(base.training, seed=7))
    ids = {Experiment(setup).training(Float()).job_id() for setup in (warm, cold, longer)}
    assert len(ids) == 3


def test_an_encoder_that_stays_digital_starts_from_the_float_ctc_model():
    base = tiny_transducer()
    setup = replace(base, model=replace(base.model, quantized_parts=("predictor", "joiner")))
    start = Experiment(setup).training(Qat(3)).encoder.creator
    assert start.quantization is None and start.job_id() == Experiment(tiny()).training(Float()).job_id()


def test_every_system_is_searched_with_its_own_joiner_and_none_with_a_prior():
    experiment = Experiment(tiny_transducer())
    for system in (Float(), Ptq(3), Qat(3), DEVICE):
        files, model = experiment.search_files(system, LAST_CHECKPOINT), experiment.model(system)
        assert isinstance(files, TransducerSearchFiles)
        assert (files.spec, files.checkpoint) == (model.spec, model.checkpoint)
        assert files.read_noise_seed == system.read_noise_seed
    scored = [one.score for system in (Float(), DEVICE) for one in experiment.scores(system)]
    assert not any(isinstance(job, PriorJob) for job in ancestors(scored))


def test_a_predictor_of_all_labels_has_the_same_jobs():
    base = tiny_transducer()
    recurrent = Experiment(replace(base, model=replace(base.model, predictor=LstmPredictor())))
    for system in (Float(), DEVICE):
        files = recurrent.search_files(system, LAST_CHECKPOINT)
        assert isinstance(files, TransducerSearchFiles) and files.spec.model.label_context is None
        jobs = [
            {type(job) for job in ancestors([one.score for one in experiment.scores(system)])}
            for experiment in (recurrent, Experiment(base))
        ]
        assert jobs[0] == jobs[1]


@dataclass(frozen=True, kw_only=True)
class LastTwoLabels(ContextOnePredictor):
    """A predictor that no search knows."""

    label_context: ClassVar[int | None] = 2


def test_a_predictor_without_a_search_is_refused_before_training():
    base = tiny_transducer()
    with pytest.raises(InputError, match="tiny-transducer has a predictor that depends on 2 labels, and there is no"):
        Experiment(replace(base, model=replace(base.model, predictor=LastTwoLabels())))


def test_the_front_end_of_the_encoder_is_that_of_the_transducer():
    model, config = tiny_transducer().model, QuantizationConfig(weight_bits=3, quantize_frontend=True)
    network, published = build_model(model, config), build_model(model, QuantizationConfig(weight_bits=3))
    assert isinstance(network.encoder.frontend.conv1, QuantizedConv2d)
    assert not isinstance(published.encoder.frontend.conv1, QuantizedConv2d)
    assert "quantize_frontend" not in str(QuantizationConfig(weight_bits=3).__sis_state__())


def test_a_model_of_other_labels_is_refused_before_training():
    encoder = replace(tiny().model, num_labels=60)
    for model in (encoder, replace(tiny_transducer().model, encoder=encoder)):
        with pytest.raises(InputError, match=r"has 60 labels, Setup\.labels 78; give the model"):
            Experiment(replace(tiny(), model=model))


def test_sizes_of_mini_and_a_setup_without_an_encoder():
    model = mini_transducer().model
    assert isinstance(model, TransducerConfig) and model.num_labels == PHONEMES.num_labels
    assert model.quantizable_weights - model.encoder.quantizable_weights == 64 * 128 + 96 * 128 + 128 * 128 + 128 * 79
    with pytest.raises(InputError, match="TransducerConfig of setup mini-transducer is no encoder"):
        transducer_of(mini_transducer(), model.predictor, 8)
