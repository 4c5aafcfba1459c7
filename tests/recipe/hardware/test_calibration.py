"""Calibration of devices in the recipe: the steps as values, the sample of audio, and the job's work."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import memristor_sim
from memristor_sim.hardware import Dac, Hardware, Unary, Verify
from memristor_sim.modules.programmed import ScaledCrossbar
from memristor_sim.quantisation import Percentile
from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfReader
from recipe.hardware import calibrate_device
from recipe.hardware.calibrate_device import calibrated_device, speech_sample
from recipe.hardware.calibration import AdcRanges, ColumnAffine, MatchedNorms, calibration_name, checked_calibration
from recipe.hardware.jobs import CalibrateDeviceJob
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec, load_model
from recipe.models.lstm import LstmConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.report.states import crossbar_costs
from recipe.training.returnn_config import imports_of
from tests.recipe.models.transducers import CONTEXT_ONE
from tests.recipe.training.synthetic import MODEL, write_corpus

STEPS = (AdcRanges(seconds=1), ColumnAffine(seconds=3), MatchedNorms(seconds=1, seed=1))
MODELS = {
    "conformer": MODEL,
    "lstm": LstmConfig(num_labels=MODEL.num_labels, model_dim=16, hidden_dim=20, num_layers=2),
    "transducer": CONTEXT_ONE,
}


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), "train", 20)["features"]


def device_of(name, features, folder):
    """Spec, checkpoint of the device, checkpoint of the digital model, one utterance."""
    model = MODELS[name]
    quantization = QuantizationConfig(weight_bits=3)
    spec = ModelSpec(model=model, quantization=quantization, hardware=Hardware(), calibration=STEPS)
    torch.manual_seed(0)
    network = build_model(model, quantization).train()
    x = torch.from_numpy(speech_sample(features, 3, seed=5))[None]
    network(x, torch.tensor([x.shape[1]]))
    network.run_rest(network.eval()(x, torch.tensor([x.shape[1]]))[0][0])
    if name == "transducer":
        for part in network.modules():
            if hasattr(part, "range") and float(part.range) < 1e-3:
                part.range.fill_(3.0)  # the predictor and the joiner have seen too little
    save_checkpoint(network, folder / "qat.pt")
    save_checkpoint(programmed_model(spec, str(folder / "qat.pt"), 1), folder / "device.pt")
    return spec, str(folder / "device.pt"), str(folder / "qat.pt"), x


@pytest.mark.parametrize("name", MODELS)
def test_a_calibrated_device_is_nearer_to_its_model_and_comes_back_from_its_checkpoint(name, features, tmp_path):
    spec, device, digital, x = device_of(name, features, tmp_path)
    errors, lengths = [], torch.tensor([x.shape[1]])
    for steps in ((), STEPS[1:2]):
        network = calibrated_device(replace(spec, calibration=steps), device, digital, features)
        with torch.no_grad():
            wanted = load_model(replace(spec, hardware=None), digital)(x, lengths)[0]
            torch.manual_seed(1)
            errors.append(float((network(x, lengths)[0] - wanted).square().mean()))
    assert errors[1] < errors[0]
    save_checkpoint(network := calibrated_device(spec, device, digital, features), tmp_path / "calibrated.pt")
    loaded = load_model(spec, tmp_path / "calibrated.pt")
    for path in ("a.pt", "b.pt"):
        save_checkpoint(loaded if path == "a.pt" else network, tmp_path / path)
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
    with pytest.raises(InputError, match="does not fit the model"):
        load_model(replace(spec, calibration=()), tmp_path / "calibrated.pt")
    with pytest.raises(InputError, match="does not fit the model"):
        load_model(spec, device)


def test_the_job_gives_the_same_bytes_again(features, tmp_path, monkeypatch):
    spec, device, digital, _ = device_of("conformer", features, tmp_path)
    paths = {"checkpoint": device, "digital": digital}
    written = []
    for run in range(2):
        torch.manual_seed(run)  # whatever the process did before
        job = CalibrateDeviceJob(spec, *[_Given(path) for path in paths.values()], [_Given(path) for path in features])
        monkeypatch.setattr(job.out_checkpoint, "get_path", lambda: str(tmp_path / "out.pt"))
        job.run()
        written.append((tmp_path / "out.pt").read_bytes())
    assert written[0] == written[1]


def test_the_read_noise_of_a_calibration_is_that_of_its_seed(features, tmp_path, monkeypatch):
    spec, device, digital, x = device_of("conformer", features, tmp_path)
    monkeypatch.setattr(calibrate_device, "speech_sample", lambda *_: x[0].numpy())  # whatever the seed
    states = [
        calibrated_device(replace(spec, calibration=(ColumnAffine(seconds=3, seed=seed),)), device, digital, features)
        for seed in (1, 1, 2)
    ]
    first, again, other = (torch.cat([v.flatten().float() for v in one.state_dict().values()]) for one in states)
    assert torch.equal(first, again) and not torch.equal(first, other)


class _Given:
    """A path as a job's input."""

    def __init__(self, path):
        self.path = str(path)

    def get_path(self):
        return self.path

    def __sis_state__(self):
        return self.path


def test_the_sample_is_cut_to_length_and_depends_on_names_and_seed_alone(features):
    one = speech_sample(features, 3.5, seed=1)
    assert one.shape == (round(3.5 * FRAMES_PER_SECOND), MODEL.num_features)
    np.testing.assert_array_equal(one, speech_sample(features[::-1], 3.5, seed=1))
    np.testing.assert_array_equal(one, speech_sample(features, 10, seed=1)[: len(one)])
    assert not np.array_equal(one, speech_sample(features, 3.5, seed=2))
    whole = sum(len(frames) for path in features for frames in HdfReader(path).values())
    assert len(speech_sample(features, 3600, seed=1)) == whole


def test_steps_are_named_and_run_in_their_order():
    given = (
        MatchedNorms(seed=2),
        ColumnAffine(seconds=12.5),
        AdcRanges(rule=Percentile(percent=99), shared_by="layer"),
    )
    steps = checked_calibration(given, "x")
    assert steps == given[::-1] and all(a.order < b.order for a, b in pairwise(steps))
    assert calibration_name(steps) == (
        "ADC ranges Percentile(percent=99) by layer 20 s + column affine 12.5 s + norms 20 s seed 2"
    )
    assert checked_calibration(ColumnAffine(), "x") == (ColumnAffine(),) and calibration_name(()) == ""


def test_a_spec_can_be_written_into_a_configuration():
    hardware = Hardware(coding=Unary(copies=2), verify=Verify(), dac=Dac(linearised=True))
    spec = ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=3), hardware=hardware, calibration=STEPS)
    names: dict = {}
    exec(imports_of([spec]), names)
    assert eval(repr(spec), names) == spec
    assert replace(spec, hardware=None).calibration == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ColumnAffine(seconds=0), "ColumnAffine.seconds is 0"),
        (lambda: ColumnAffine(seconds="20"), "ColumnAffine.seconds is '20'"),
        (lambda: MatchedNorms(seed=-1), "MatchedNorms.seed is -1"),
        (lambda: AdcRanges(rule="largest"), "AdcRanges.rule is 'largest'"),
        (lambda: AdcRanges(shared_by="column"), "AdcRanges.shared_by is 'column'"),
        (lambda: checked_calibration((ColumnAffine(), ColumnAffine(seconds=5)), "Memristor.calibration"), "than once"),
        (lambda: checked_calibration(("columns",), "Memristor.calibration"), "Memristor.calibration has 'columns'"),
        (lambda: CalibrateDeviceJob(ModelSpec(model=MODEL), None, None, []), "needs ModelSpec.calibration"),
    ],
)
def test_bad_values_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_gain_per_column_is_counted():
    spec = ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=3), hardware=Hardware())
    plain, norms, columns = (
        crossbar_costs(replace(spec, calibration=steps)) for steps in ((), (MatchedNorms(),), (ColumnAffine(),))
    )
    assert plain == norms and {**columns, "output_factors": plain["output_factors"]} == plain
    device = memristor_sim.prepare(build_model(MODEL, spec.quantization), spec.hardware)
    parts = [part for part in device.modules() if isinstance(part, ScaledCrossbar)]
    assert plain["output_factors"] == len(parts) < columns["output_factors"] == sum(part.column_count for part in parts)
