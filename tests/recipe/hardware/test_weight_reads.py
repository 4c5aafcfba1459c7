import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.hardware.jobs import WeightReadsJob
from recipe.hardware.weight_layers import in_memory_cost, parts, weight_layers
from recipe.hardware.weight_reads import FRAME, LABEL, PAIR, RECURRENT, WHOLE, Speech, WeightLayer, bytes_per_s, table
from recipe.hardware.weight_reads_files import figure
from recipe.models.lstm import LstmConfig
from recipe.models.sru import SruConfig
from tests.recipe.models.test_recurrent import SRU as SRU_MODEL
from tests.recipe.models.transducers import CONFORMER, CONTEXT_ONE, LSTM
from tests.recipe.models.transducers import RECURRENT as RECURRENT_MODEL

SPEECH = Speech(frames_per_s=25.0, labels_per_s=10.0, utterance_s=4.0)
LAYERS = [
    WeightLayer(name="in", rows=10, columns=100, step=FRAME),
    WeightLayer(name="hh", rows=20, columns=100, step=RECURRENT),
    WeightLayer(name="predictor", rows=30, columns=100, step=LABEL),
    WeightLayer(name="output", rows=40, columns=100, step=PAIR),
]


@pytest.mark.parametrize(
    "chunk, buffer_bytes, wanted",
    [
        (1, 0, 25 * 1000 + 25 * 2000 + 10 * 3000 + 35 * 4000),
        (5, 0, 5 * 1000 + 25 * 2000 + 10 * 3000 + 35 * 4000),  # nothing that waits for itself gains
        (5, 2000, 5 * 1000 + 5 * 2000 + 10 * 3000 + 35 * 4000),  # the recurrent matrix fits
        (1, 4000, 25 * 1000 + 25 * 2000 + 10 * 3000 + 25 * 4000),  # no more often than it computes
        (WHOLE, 4000, 0.25 * 10_000),
        (1, 10_000, 0),  # all of it fits: read once, when switched on
    ],
)
def test_reads_by_hand(chunk, buffer_bytes, wanted):
    assert bytes_per_s(LAYERS, 8, chunk, buffer_bytes, SPEECH) == pytest.approx(wanted)


@given(st.sampled_from([1, 2, 8, 50, WHOLE]), st.integers(0, 12_000), st.integers(0, 12_000))
def test_more_buffer_and_longer_chunks_never_cost_more(chunk, one, other):
    less, more = sorted((one, other))
    assert bytes_per_s(LAYERS, 8, chunk, more, SPEECH) <= bytes_per_s(LAYERS, 8, chunk, less, SPEECH)
    assert bytes_per_s(LAYERS, 8, WHOLE, less, SPEECH) <= bytes_per_s(LAYERS, 8, chunk, less, SPEECH)
    assert bytes_per_s(LAYERS, 4, chunk, 0, SPEECH) == pytest.approx(bytes_per_s(LAYERS, 8, chunk, 0, SPEECH) / 2)


def test_bad_values_are_named():
    with pytest.raises(InputError, match="WeightLayer.step of x is 'never'"):
        WeightLayer(name="x", rows=1, columns=1, step="never")
    with pytest.raises(InputError, match="above 0"):
        Speech(labels_per_s=0)
    with pytest.raises(InputError, match="a chunk of -1 frames"):
        bytes_per_s(LAYERS, 8, -1, 0, SPEECH)


def test_simple_recurrent_units_are_read_once_per_chunk_and_lstms_in_part_once_per_frame():
    lstm, sru = (
        weight_layers(kind(num_labels=5, num_layers=layers)) for kind, layers in ((LstmConfig, 2), (SruConfig, 3))
    )
    by_frame, by_chunk = (bytes_per_s(sru, 8, chunk, 0, SPEECH) for chunk in (1, 16))
    assert by_frame == bytes_per_s(lstm, 8, 1, 0, SPEECH) == pytest.approx(16 * by_chunk)
    assert bytes_per_s(lstm, 8, 16, 0, SPEECH) > 6 * by_chunk


@pytest.mark.parametrize("model", [CONFORMER, RECURRENT_MODEL, SRU_MODEL, CONTEXT_ONE, LSTM])
def test_what_crossbars_hold_is_what_the_model_says(model):
    layers = weight_layers(model)
    assert sum(layer.weights for layer in layers if layer.mapped) == model.quantizable_weights
    if model.label_context != 0:
        by_part = parts(layers)
        assert set(by_part) == {"encoder", "predictor", "joiner"}
        assert {layer.step for layer in by_part["predictor"]} == {LABEL}
        assert [layer.step for layer in by_part["joiner"]] == [FRAME, LABEL, PAIR]
        assert not any(layer.name == "encoder.output" for layer in layers)


def test_conversions_of_a_predictor_are_those_of_its_labels():
    (predictor,) = parts(weight_layers(CONTEXT_ONE))["predictor"][:1]
    cost = in_memory_cost([predictor], 4, physical(), SPEECH)
    assert cost.dac_conversions_per_s == 10 * 3 * predictor.rows  # labels, planes, lines of one tile


def test_the_job_writes_a_table_and_a_plot(tmp_path, monkeypatch):
    models = {"ctc": CONFORMER, "transducer": CONTEXT_ONE}
    job = WeightReadsJob(models, 8, physical(), SPEECH)
    names = ("weight_reads.csv", "weight_reads.md", "weight_reads.png")
    for attribute, name in zip(("out_csv", "out_table", "out_plot"), names, strict=True):
        path = str(tmp_path / name)
        monkeypatch.setattr(getattr(job, attribute), "get_path", lambda path=path: path)
    job.run()
    rows = list(csv.DictReader((tmp_path / names[0]).open()))
    assert len(rows) == 2 * 2 * 4 * 4
    in_memory = [float(row["bytes_per_s"]) for row in rows if row["in_memory"] == "True"]
    digital = [float(row["bytes_per_s"]) for row in rows if row["in_memory"] == "False"]
    assert all(one <= other for one, other in zip(in_memory, digital, strict=True))
    page = (tmp_path / names[1]).read_text()
    assert "| 1 frame | " in page and "| 4 frames | " in page
    assert "| ctc | " in page and "| transducer, in memory | " in page and "| transducer | joiner | " in page
    assert (tmp_path / names[2]).stat().st_size > 1000


def test_rows_come_model_by_model():
    rows = table({"a": LAYERS}, 8, SPEECH, chunks=(1, WHOLE), buffers_mb=(0.0,))
    assert [(row.in_memory, row.chunk_frames) for row in rows] == [(False, 1), (False, 0), (True, 1), (True, 0)]
    assert len(figure(rows).axes) == 2
