"""The graph of config/measured_levels.py: three devices with cells of the table beside jobs that other graphs have."""

import pytest
from sisyphus import tk

from config import measured_levels
from memristor_sim.cells.measured_levels import EXAMPLE, MeasuredLevels


def test_three_devices_are_programmed_with_cells_of_the_table(monkeypatch: pytest.MonkeyPatch):
    outputs = []
    monkeypatch.setattr(tk, "register_output", lambda name, path, **_: outputs.append(path))
    measured_levels.py()
    jobs, todo = set(), outputs
    while todo:
        job = todo.pop().creator
        if job is not None and job not in jobs:
            jobs.add(job)
            todo.extend(job._sis_inputs)
    programmed = [job for job in jobs if type(job).__name__ == "ProgramDeviceJob"]
    assert sorted(job.device_seed for job in programmed) == [1, 2, 3]
    assert {job.spec.hardware.cell for job in programmed} == {MeasuredLevels.from_csv(EXAMPLE)}
