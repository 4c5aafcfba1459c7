"""A trained detector of speech decides on a device as it does digitally; skipped where silero-vad is not installed.

PYTHONPATH=build/zoo-packages, which `make zoo` fills, brings it.
"""

import pytest
import torch

from memristor_sim import physical
from tests.memristor_sim.voice_activity import (
    CHUNK,
    ENOUGH,
    RATE_HZ,
    Setting,
    decisions,
    detector,
    device,
    recordings,
    shipped_network,
)

pytest.importorskip("silero_vad")


@pytest.fixture(scope="module")
def speech():
    """A minute to decide on, and seconds to calibrate with."""
    return recordings()


def test_the_network_is_the_shipped_one(speech):
    shipped, wave = torch.jit.load(shipped_network()).eval(), speech[1][: 100 * CHUNK]
    with torch.no_grad():
        wanted = torch.cat([shipped(chunk[None], RATE_HZ) for chunk in wave.split(CHUNK)])[:, 0]
        found = detector()(wave)
    assert wanted.std() > 0.1
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("seed", [0, 1])
def test_with_column_scales_and_calibration_a_device_decides_as_digital(speech, seed):
    (minute, calibration), model = speech, detector()
    wanted = decisions(model, minute)
    assert 0.2 < float(wanted.float().mean()) < 0.9 and len(minute) > 59 * RATE_HZ
    same = decisions(device(model, ENOUGH, seed, calibration), minute) == wanted
    assert float(same.float().mean()) > 0.95


def test_with_one_scale_for_a_tensor_it_does_not(speech):
    (minute, calibration), model = speech, detector()
    minute = minute[: 20 * RATE_HZ // CHUNK * CHUNK]
    found = decisions(device(model, Setting(hardware=physical(weight_bits=8)), 0, calibration), minute)
    assert float((found == decisions(model, minute)).float().mean()) < 0.6
