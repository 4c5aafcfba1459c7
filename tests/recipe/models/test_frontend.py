import dataclasses

import torch

from recipe.models.conformer import small_conformer
from recipe.models.frontend import VggFrontend

CONFIG = dataclasses.replace(small_conformer(), frontend_channels=(2, 2, 2, 2))


def test_lengths_are_those_of_a_pooled_mask():
    frontend = VggFrontend(CONFIG)
    for longest in range(4, 22):
        lengths = torch.arange(1, longest + 1)
        y, out = frontend(torch.zeros(longest, longest, 80), lengths)
        mask = (torch.arange(longest) < lengths[:, None]).float()[:, None]  # [B, 1, T]
        for time, _ in CONFIG.frontend_pools:
            mask = torch.nn.functional.max_pool1d(mask, time)
        assert torch.equal(out, mask.sum(dim=(1, 2)).long())
        assert y.shape == (longest, longest // 4, CONFIG.model_dim)


def test_an_output_frame_sees_its_four_frames_and_at_most_six_more_on_either_side():
    # Two 3x3 convolutions reach 2 frames before the first pool, two more 4 frames (2 of 2), the pool itself 4 in all.
    frontend = VggFrontend(CONFIG)
    features = torch.randn(1, 64, 80, requires_grad=True)
    y, _ = frontend(features, torch.tensor([64]))
    y[0, 8].abs().sum().backward()
    seen = features.grad[0].abs().sum(dim=1).nonzero().flatten()
    assert 32 - 6 <= seen.min() and seen.max() <= 35 + 6 and len(seen) > 4
