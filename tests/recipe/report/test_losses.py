import csv
import io

import numpy as np
import pytest

from memristor_sim.hardware import paper, physical
from recipe.report.claims import claims, judge
from recipe.report.intervals import Intervals
from recipe.report.losses import losses, rows_of, to_csv
from recipe.report.results import Results
from recipe.systems import Float, Memristor, Qat


def test_every_row_is_the_claim_about_the_device_itself(results, found_losses):
    judged = {}
    intervals = Intervals(results, 0)
    for claim in claims(results):
        for part in results.parts:
            judged[claim.text, part] = judge(claim, part, intervals).figures
    assert len(found_losses) == 2 * 2 * 2 * 2  # parts, presets, widths, scales
    for loss in found_losses:
        text = f"{loss.bits}-bit memristor ({loss.preset}, {loss.scale_mode} scales) worse than digital"
        low, high = loss.interval95_percent
        figures = {"difference_percent": loss.difference_percent, "low95_percent": low, "high95_percent": high}
        assert judged[text, loss.part] == figures
        assert loss.difference_percent == pytest.approx(loss.device_wers_percent.mean() - loss.digital_wer_percent)


def test_the_digital_model_has_the_scales_of_the_devices(results, found_losses):
    for loss in found_losses:
        (digital,) = results.trainings("QAT", loss.bits, loss.part, loss.scale_mode)
        assert loss.digital_wer_percent == digital.wer_percent
        devices = results.devices(loss.bits, loss.preset, loss.part, loss.scale_mode)
        assert list(loss.device_wers_percent) == [one.wer_percent for one in devices]


def test_rows_without_a_digital_model_or_in_doubt_are_left_out(scored):
    alone = [scored(Memristor(3, seed, paper(cycles=1), "paper"), 9.0) for seed in (1, 2)]
    deleted = [scored(Memristor(4, seed, physical(), "broken"), 9.0, deleted=250) for seed in (1, 2)]
    kept = [scored(Memristor(4, seed, physical(), "physical"), 9.0) for seed in (1, 2)]
    results = Results.load([scored(Float(), 5.0), scored(Qat(4), 6.0), *alone, *deleted, *kept])
    assert rows_of(losses(results, Intervals(results, 0))) == [("4", "physical")]


def test_the_csv_has_a_line_per_loss_and_its_figures(found_losses):
    rows = list(csv.DictReader(io.StringIO(to_csv(found_losses))))
    assert len(rows) == len(found_losses)
    for row, loss in zip(rows, found_losses, strict=True):
        assert (row["part"], row["bits"], row["preset"], row["scales"]) == (
            loss.part,
            loss.bits,
            loss.preset,
            loss.scale_mode,
        )
        assert int(row["devices"]) == 4
        written = [float(row[name]) for name in ("loss_percent", "low95_percent", "high95_percent", "wer_percent")]
        expected = [loss.difference_percent, *loss.interval95_percent, np.mean(loss.device_wers_percent)]
        assert written == pytest.approx(expected, rel=1e-5)
    assert to_csv([]) == ""
