"""The graph of config/calibration.py: calibrations of a device share its programming, and nothing is trained."""

from collections import Counter

import pytest
from sisyphus import tk

from config import calibration
from recipe.systems import is_device


def test_rows_have_names_of_their_own_and_calibrations_share_their_devices(monkeypatch: pytest.MonkeyPatch):
    outputs = []
    monkeypatch.setattr(tk, "register_output", lambda name, path, **_: outputs.append(path))
    experiment = calibration.py()
    devices = [system for system in experiment.systems if is_device(system)]
    assert len({system.name for system in devices}) == len(devices) == 3 * (6 * 2 + 3)
    programmed = {experiment.model(system).spec: set() for system in devices}
    for system in devices:
        job = experiment.model(system).checkpoint.creator
        while type(job).__name__ == "CalibrateDeviceJob":
            job = job.checkpoint.creator
        programmed[experiment.model(system).spec].add(job.job_id())
    assert Counter(map(len, programmed.values())) == {3: 15}
    assert len(set.union(*programmed.values())) == 3 * 6
    assert len({experiment.training(system).job_id() for system in experiment.systems}) == 2
    assert {"physical", "physical + ADC ranges 20 s + column affine 20 s", "verify 0.05 + column affine 20 s"} < {
        system.condition for system in devices
    }
