import torch
from hypothesis import given
from hypothesis import strategies as st

from recipe.training.config import SpecAugmentConfig
from recipe.training.specaugment import specaugment


def runs(masked: torch.Tensor) -> list[int]:
    """Lengths of the runs of true values in a bool vector."""
    text = "".join("x" if value else " " for value in masked.tolist())
    return [len(run) for run in text.split()]


@given(frames=st.integers(1, 130), seed=st.integers(0, 1000))
def test_masks_are_whole_frames_and_whole_bands_within_the_limits(frames, seed):
    config = SpecAugmentConfig()
    torch.manual_seed(seed)
    out = specaugment(torch.ones(3, frames, 80), config)
    assert set(out.unique().tolist()) <= {0.0, 1.0}
    for masked in out == 0:
        time, band = masked.all(dim=1), masked.all(dim=0)
        if not time.all():
            assert torch.equal(masked, time[:, None] | band[None, :])
            # 2..5 masks of 1..8 bands, drawn at distinct starts.
            assert 2 <= band.sum() <= 5 * 8 and max(runs(band)) <= 5 * 8
        most = max(2, frames // 25)
        assert min(frames, 2) <= time.sum() <= most * 20 and len(runs(time)) <= most


def test_one_seed_one_mask_and_the_input_stays():
    features = torch.randn(2, 90, 80)
    before = features.clone()
    torch.manual_seed(3)
    first = specaugment(features, SpecAugmentConfig())
    torch.manual_seed(3)
    assert torch.equal(first, specaugment(features, SpecAugmentConfig()))
    assert torch.equal(features, before) and not torch.equal(first, before)


def test_the_number_of_masks_is_uniform_and_grows_with_the_length_for_time_alone():
    config = SpecAugmentConfig(max_time_width=1, max_feature_width=1)
    torch.manual_seed(0)
    masked = specaugment(torch.ones(400, 250, 80), config) == 0
    # Uniform in 2..10 distinct single frames, and 2..5 single bands: every count occurs, about equally often.
    for counts, most in ((masked.all(dim=2).sum(dim=1), 10), (masked.all(dim=1).sum(dim=1), 5)):
        histogram = counts.bincount(minlength=most + 1)
        assert histogram[:2].sum() == 0 and histogram[2:].min() > 20 and len(histogram) == most + 1
