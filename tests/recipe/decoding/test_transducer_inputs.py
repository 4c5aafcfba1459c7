"""From emissions on disk to words, with a network whose weights are drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sisyphus import tk

import memristor_sim
from memristor_sim.hardware import physical
from recipe.decoding.config import SearchConfig, TransducerSearchFiles
from recipe.decoding.jobs import SearchErrorJob, SearchJob, TuneScalesJob
from recipe.decoding.label_posteriors import LabelPosteriors
from recipe.decoding.recognise import recognise, write_report
from recipe.decoding.transducer_inputs import Joined, TransducerInputs
from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.formats.hdf import HdfWriter
from recipe.hardware.spec import ModelSpec
from recipe.quantization.config import QuantizationConfig
from tests.recipe.models.test_transducer import _calibrated
from tests.recipe.models.transducers import CONFORMER, CONTEXT_ONE, built

MODEL = replace(CONTEXT_ONE, encoder=replace(CONFORMER, num_labels=10))  # those of the toy task


def write_emissions(path: str, sizes: dict[str, int], width: int = MODEL.joiner_dim) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    values = {f"toy/t/{n}": random.normal(size=(size, width)).astype(np.float32) for n, size in sizes.items()}
    with HdfWriter(path, width) as file:
        for name, frames in values.items():
            file.append(name, frames)
    return values


def table_of(posteriors: LabelPosteriors) -> np.ndarray:
    """[T, V, V]: all outputs in all states of a context of one label."""
    states = np.arange(posteriors.begin() + 1)
    return np.stack([posteriors.outputs(frame, states) for frame in range(len(posteriors))])


@pytest.fixture
def files(toy):
    save_checkpoint(built(MODEL), toy.path("model.pt"))
    toy.write_segments({"1": "a cat", "2": "dog"})
    names = {name: tk.Path(toy.path(name)) for name in ("model.pt", "lexicon.txt", "labels.txt", "lm.bin")}
    return TransducerSearchFiles(
        emissions=[tk.Path(toy.path("emissions.hdf"))],
        spec=ModelSpec(model=MODEL),
        checkpoint=names["model.pt"],
        lexicon=names["lexicon.txt"],
        labels=names["labels.txt"],
        lm=names["lm.bin"],
    )


def test_a_segment_is_searched_in_the_log_posteriors_that_the_joiner_makes_of_it(toy, files, tmp_path):
    emissions = write_emissions(toy.path("emissions.hdf"), {"1": 70, "2": 5})
    inputs = files.load(tk.Path(toy.path("segments.xml.gz")))
    network = built(MODEL).eval()
    with torch.no_grad():
        wanted = network.table(torch.from_numpy(emissions["toy/t/1"]), network.states())
    np.testing.assert_allclose(table_of(inputs.scores("toy/t/1")), wanted, atol=1e-5)  # 70 frames: two parts
    found = recognise(inputs, SearchConfig(beam=32), 1.0, 0.2)
    assert list(found) == ["toy/t/1", "toy/t/2"]
    assert found["toy/t/1"] == inputs.search(SearchConfig(beam=32), 1.0, 0.2)(inputs.scores("toy/t/1"))
    write_report(str(tmp_path / "report.json"), inputs, found)
    assert '"dropped_homophones": []' in (tmp_path / "report.json").read_text()


def test_read_noise_follows_from_seed_and_segment_whatever_was_read_before():
    model, quantization = CONTEXT_ONE, QuantizationConfig(weight_bits=4)
    device = memristor_sim.program(_calibrated(model, seed=0), physical(), 1)
    assert ModelSpec(model=model, quantization=quantization, hardware=physical()).num_cells
    frames = np.random.default_rng(1).normal(size=(8, model.joiner_dim)).astype(np.float32)
    one = Joined.of(device, read_noise_seed=1)
    first, other = table_of(one.posteriors("a", frames)), table_of(one.posteriors("b", frames))
    assert np.array_equal(first, table_of(one.posteriors("a", frames))) and not np.array_equal(first, other)
    two = Joined.of(device, read_noise_seed=2)
    two._states = one._states  # the predictor as it was: the joiner alone is read with another seed
    assert not np.array_equal(first, table_of(two.posteriors("a", frames)))
    torch.manual_seed(3)  # draws that others make before are no part of it
    assert np.array_equal(one._states, Joined.of(device, read_noise_seed=1)._states)
    assert not np.array_equal(one._states, Joined.of(device, read_noise_seed=2)._states)


def test_files_of_another_model_are_refused(toy, files):
    segments = tk.Path(toy.path("segments.xml.gz"))
    write_emissions(toy.path("emissions.hdf"), {"1": 3, "2": 3}, width=4)
    inputs = files.load(segments)
    with pytest.raises(InputError, match="emissions of toy/t/1 have 4 columns, the joiner 9"):
        inputs.scores("toy/t/1")
    values = write_emissions(toy.path("emissions.hdf"), {"1": 3, "2": 3})
    values["toy/t/2"][1, 1] = np.nan
    with HdfWriter(toy.path("emissions.hdf"), MODEL.joiner_dim) as file:
        for name, frames in values.items():
            file.append(name, frames)
    with pytest.raises(InputError, match="emissions of toy/t/2 are not all finite"):
        files.load(segments).scores("toy/t/2")
    write_emissions(toy.path("emissions.hdf"), {"1": 3})
    with pytest.raises(InputError, match=r"no emissions of toy/t/2 \(1 missing\)"):
        files.load(segments)
    text = Path(toy.path("labels.txt"))
    text.write_text("X\n" + text.read_text())
    write_emissions(toy.path("emissions.hdf"), {"1": 3, "2": 3})
    with pytest.raises(InputError, match="12 labels, the model has 11 outputs"):
        TransducerInputs.load(files, segments)


def test_search_jobs_take_either_kind_of_files_and_their_ids_hold_the_model(toy, files):
    segments = tk.Path(toy.path("segments.xml.gz"))
    one = SearchJob(files, segments, SearchConfig(), 1.0, 0.2)
    other = replace(files, spec=ModelSpec(model=replace(MODEL, ctc_weight=0.3)))
    noisy = replace(files, read_noise_seed=3)
    ids = {one.job_id(), *(SearchJob(some, segments, SearchConfig(), 1.0, 0.2).job_id() for some in (other, noisy))}
    assert len(ids) == 3
    assert TuneScalesJob(files, segments, SearchConfig(), [1.0], [0.2]).files == files
    assert SearchErrorJob(files, SearchConfig(), {}, 3, 4).files == files
