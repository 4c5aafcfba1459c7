"""The transducer loss by its definition, in plain torch operations: the oracle of tests."""

import torch


def reference_loss(logits: torch.Tensor, num_frames: int, labels: list[int]) -> torch.Tensor:
    """Minus the log probability of the labels in one utterance, by the forward recursion over frames and labels.

    alpha(t, s) = alpha(t - 1, s) blank(t - 1, s) + alpha(t, s - 1) label(t, s - 1); a last blank ends it.

    :param logits: [T, S + 1, V], blank last
    """
    log_probs = logits.log_softmax(-1)
    alpha: dict[tuple[int, int], torch.Tensor] = {}
    for t in range(num_frames):
        for s in range(len(labels) + 1):
            ways = []
            if t > 0:
                ways.append(alpha[t - 1, s] + log_probs[t - 1, s, -1])
            if s > 0:
                ways.append(alpha[t, s - 1] + log_probs[t, s - 1, labels[s - 1]])
            alpha[t, s] = torch.logsumexp(torch.stack(ways), 0) if ways else log_probs.new_zeros(())
    return -(alpha[num_frames - 1, len(labels)] + log_probs[num_frames - 1, len(labels), -1])
