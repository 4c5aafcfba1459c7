"""Real RETURNN forward runs, each a few seconds."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from memristor_sim.hardware import physical
from recipe.decoding.emissions import EmissionsCallback
from recipe.decoding.forward import forward
from recipe.decoding.prior import PriorCallback, log_prior
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfReader
from recipe.formats.log_prior import read_log_prior, write_log_prior
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec, load_model
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from tests.recipe.training.synthetic import MODEL, write_corpus

DEVICE = ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=3), hardware=physical())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Float model, a device and a few utterances."""
    folder = tmp_path_factory.mktemp("models")
    write_corpus(folder, "dev", 9)
    torch.manual_seed(0)
    save_checkpoint(build_model(MODEL), folder / "float.pt")
    quantized = build_model(MODEL, DEVICE.quantization).train()
    quantized(torch.randn(2, 60, 80), torch.tensor([60, 50]))
    save_checkpoint(quantized, folder / "qat.pt")
    save_checkpoint(programmed_model(DEVICE, str(folder / "qat.pt"), 1), folder / "device.pt")
    return folder


@pytest.fixture(scope="module")
def expected(folder):
    """Log posteriors of the float model, an utterance at a time."""
    model = load_model(ModelSpec(model=MODEL), folder / "float.pt")
    out = {}
    for i in range(2):
        for name, frames in HdfReader(folder / f"dev.features.{i}.hdf").items():
            with torch.no_grad():
                out[name] = model(torch.from_numpy(frames)[None], torch.tensor([len(frames)]))[0][0].numpy()
    return out


def run(folder, work_dir, spec, checkpoint, callback, batch_s, seed=0):
    features = [str(folder / f"dev.features.{i}.hdf") for i in range(2)]
    forward(work_dir, spec, str(folder / checkpoint), features, batch_s=batch_s, seed=seed, callback=callback)


def emissions(folder, work_dir, spec, checkpoint, batch_s, seed=0) -> dict[str, np.ndarray]:
    path = work_dir / f"emissions ü {seed}.hdf"
    clip_rates = None if spec.hardware is None else str(work_dir / "clip_rates.csv")
    callback = f"emissions.EmissionsCallback({str(path)!r}, {MODEL.num_outputs}, {clip_rates!r})"
    run(folder, work_dir, spec, checkpoint, callback, batch_s, seed)
    return dict(HdfReader(path))


def test_emissions_are_the_models_own(folder, tmp_path, expected):
    found = emissions(folder, tmp_path, ModelSpec(model=MODEL), "float.pt", batch_s=0.1)
    assert found.keys() == expected.keys()
    for name, frames in found.items():
        assert frames.dtype == np.float32
        np.testing.assert_allclose(frames, expected[name], atol=1e-5)
    assert (tmp_path / "progress").read_text(encoding="utf-8").endswith(" forward\n")


def test_a_device_reads_with_the_noise_of_the_seed(folder, tmp_path):
    found = [emissions(folder, tmp_path, DEVICE, "device.pt", batch_s=5.0, seed=seed) for seed in (4, 5)]
    names = list(found[0])
    assert names == list(found[1]) and len(names) == 9
    assert any(not np.array_equal(found[0][name], found[1][name]) for name in names)
    header, *rows = (tmp_path / "clip_rates.csv").read_text(encoding="utf-8").splitlines()
    rates = {layer: [float(rate) for rate in numbers] for layer, *numbers in (row.split(",") for row in rows)}
    assert header == "layer,dac_rate,adc_rate" and len(rates) == 2 * 8 and "blocks.1.attention.qkv" in rates
    assert all(0 <= rate <= 1 for pair in rates.values() for rate in pair)
    # Random input of the same spread set the ranges; real frames go beyond some of them.
    assert any(dac_rate > 0 for dac_rate, _ in rates.values())


def test_the_prior_is_the_mean_posterior_over_valid_frames(folder, tmp_path, expected):
    path = tmp_path / "prior.txt"
    callback = f"prior.PriorCallback({str(path)!r}, {MODEL.num_outputs})"
    run(folder, tmp_path, ModelSpec(model=MODEL), "float.pt", callback, batch_s=0.1)
    prior = np.loadtxt(path)
    np.testing.assert_allclose(prior, np.log(np.exp(np.concatenate([*expected.values()])).mean(axis=0)), atol=1e-5)
    assert np.exp(prior).sum() == pytest.approx(1.0)


def test_a_label_never_seen_stays_finite(tmp_path):
    write_log_prior(tmp_path / "prior.txt", log_prior(np.array([1.0, 0.0])))
    np.testing.assert_allclose(read_log_prior(tmp_path / "prior.txt", 2), [0.0, math.log(1e-30)])


def test_log_posteriors_that_are_not_finite_stop_with_the_name_and_leave_no_file(tmp_path):
    frames = np.zeros((4, 3), np.float32)
    emissions, prior = EmissionsCallback(str(tmp_path / "e.hdf"), 3), PriorCallback(str(tmp_path / "prior.txt"), 3)
    for callback in (emissions, prior):
        callback.init(model=None)
        callback.process_seq(seq_tag="dev/t/1", outputs={"log_probs": SimpleNamespace(raw_tensor=frames)})
        frames[2, 1] = np.nan
        with pytest.raises(FloatingPointError, match="the log posteriors of dev/t/2 are not all finite"):
            callback.process_seq(seq_tag="dev/t/2", outputs={"log_probs": SimpleNamespace(raw_tensor=frames)})
        frames[2, 1] = 0
    assert not list(tmp_path.glob("[!.]*"))


def test_clipping_is_counted_over_the_first_frames_alone(folder, tmp_path, monkeypatch):
    """Up to and with the utterance that completes them; what comes later is read without counting."""
    monkeypatch.setattr("recipe.decoding.emissions.CLIPPING_FRAMES", 30)
    model = load_model(DEVICE, folder / "device.pt")
    callback = EmissionsCallback(str(tmp_path / "e.hdf"), MODEL.num_outputs, str(tmp_path / "clip_rates.csv"))
    callback.init(model=model)
    counter = callback.counters["blocks.0.attention.qkv.crossbar"]
    counted = []
    for number in range(4):
        with torch.no_grad():
            log_probs = model(torch.randn(1, 80, 80), torch.tensor([80]))[0][0].numpy()
        callback.process_seq(seq_tag=f"u{number}", outputs={"log_probs": SimpleNamespace(raw_tensor=log_probs)})
        counted.append(counter.dac_conversions)
    callback.finish()
    assert len(log_probs) == 20
    assert 0 < counted[0] and counted == [counted[0], 2 * counted[0], 2 * counted[0], 2 * counted[0]]
    assert len(dict(HdfReader(tmp_path / "e.hdf"))) == 4
