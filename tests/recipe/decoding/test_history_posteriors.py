"""The search with a predictor that depends on all labels, on networks whose weights are drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchaudio.models import RNNTBeamSearch

import memristor_sim
from memristor_sim.hardware import physical
from recipe.decoding.history_posteriors import HistoryPosteriors, Rows
from recipe.decoding.label_posteriors import LabelPosteriors
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.transducer_inputs import Joined
from recipe.decoding.transducer_search import TransducerSearch
from recipe.models.predictor import LstmPredictor
from recipe.models.transducer_network import TransducerNetwork
from tests.recipe.decoding.transducer_tasks import EXHAUSTIVE, found_as_by_trying_every_path, random_task
from tests.recipe.models.test_transducer import _calibrated
from tests.recipe.models.transducers import LSTM, RECURRENT, built


def drawn(num_labels: int, seed: int) -> TransducerNetwork:
    """A network whose outputs depend on its labels as much as on the frame."""
    predictor = LstmPredictor(embedding_dim=3, hidden_dim=4)
    model = replace(LSTM, encoder=replace(RECURRENT, num_labels=num_labels), predictor=predictor)
    network = built(model, seed=seed).eval()
    with torch.no_grad():
        for part in (network.predictor, network.joiner):
            for weight in part.parameters():
                weight.mul_(4)
    return network


def of_whole_histories(network: TransducerNetwork, emissions: torch.Tensor):
    """Log posteriors and internal language model after labels, by running all of them through the LSTM at once."""

    def outputs(labels: tuple[int, ...]) -> np.ndarray:
        with torch.no_grad():
            lattice = network.lattice(emissions[None], torch.tensor([labels], dtype=torch.int64))
        return lattice[0, :, -1].log_softmax(-1).double().numpy()

    def internal_lm(labels: tuple[int, ...]) -> np.ndarray:
        with torch.no_grad():
            predicted = network.joiner.predictor(network.predictor(torch.tensor([labels], dtype=torch.int64)))
            return network.internal_lm(predicted[0, -1:])[0].double().numpy()

    return outputs, internal_lm


@pytest.mark.parametrize("block", range(5))
def test_without_pruning_it_finds_what_trying_every_path_finds(toy, block):
    """200 random tasks and networks."""
    found_words = 0
    for seed in range(block, 200, 5):
        task = random_task(seed)
        network = drawn(task.num_labels, seed)
        emissions = 3 * torch.randn(len(task.table), LSTM.joiner_dim, generator=torch.Generator().manual_seed(seed))
        whole = of_whole_histories(network, emissions)
        posteriors = HistoryPosteriors(network, emissions, 0)
        found = found_as_by_trying_every_path(task, toy.path("lm.bin"), posteriors, *whole, tolerance=1e-4)
        found_words += bool(found.words)
    assert found_words > 10  # of 40; most labels of many tasks spell no word


class AsRnnt(torch.nn.Module):
    """The network as torchaudio's beam search calls one. States are [[output, memory]], [N, H] each."""

    def __init__(self, network: TransducerNetwork, emissions: torch.Tensor):
        super().__init__()
        self.network, self.emissions = network, emissions

    def transcribe(self, features, lengths):
        return self.emissions[None], lengths

    def predict(self, labels, lengths, states):
        memory = None if states is None else tuple(part[None] for part in states[0])
        predicted, memory = self.network.step(labels[:, 0], memory)
        return predicted[:, None], lengths, [[part[0] for part in memory]]

    def join(self, encoded, encoded_lengths, predicted, predicted_lengths):
        return self.network.joiner(encoded[:, :, None], predicted[:, None]), encoded_lengths, predicted_lengths


def test_torchaudios_beam_search_finds_the_same_labels(toy):
    """In one frame, where every label sequence has one alignment: it adds them up, we take the best. Labels are words
    here, and nothing else scores. Its beam is at most the number of labels.
    """
    names, equal, longest = "abcdefgh", 0, 0
    tree = LexiconTree([(name, (n,)) for n, name in enumerate(names)], len(names) + 1, toy.path("lm.bin"))
    search = TransducerSearch(tree, replace(EXHAUSTIVE, word_score=0.0), 0.0, 0.0, labels_per_frame=4)
    for seed in range(30):
        network = drawn(len(names), seed)
        with torch.no_grad():
            network.joiner.output.bias[-1] -= 4  # fewer blanks
        emissions = 3 * torch.randn(1, LSTM.joiner_dim, generator=torch.Generator().manual_seed(seed))
        found = search(HistoryPosteriors(network, emissions, 0))
        other = RNNTBeamSearch(AsRnnt(network, emissions), len(names), 1.0, lambda hypothesis: hypothesis[3], 4)
        with torch.no_grad():
            labels, _, _, score = other(torch.zeros(1, 1, 1), torch.tensor([1]), len(names))[0]
        assert found.score >= score - 1e-4
        if found.words == " ".join(names[label] for label in labels[1:]):
            assert found.score == pytest.approx(score, abs=1e-4)
            equal, longest = equal + 1, max(longest, len(labels) - 1)
    assert equal >= 27 and longest >= 2


def test_states_are_sequences_of_labels_whatever_order_they_are_asked_in():
    network = drawn(3, 1)
    emissions = torch.randn(2, LSTM.joiner_dim, generator=torch.Generator().manual_seed(1))
    outputs, internal_lm = of_whole_histories(network, emissions)
    posteriors = HistoryPosteriors(network, emissions, 0)
    states = {(): posteriors.begin()}
    for _ in range(4):
        posteriors.internal_lm(np.array(list(states.values())))  # parents run before their children
        pairs = [(labels, label) for labels in states for label in range(3)]
        numbers = posteriors.after(np.array([states[labels] for labels, _ in pairs]), np.array([n for _, n in pairs]))
        for (labels, label), number in zip(pairs, numbers.tolist(), strict=True):
            assert states.setdefault((*labels, label), number) == number
    labels, numbers = zip(*reversed(states.items()), strict=True)
    assert len(set(numbers)) == len(numbers) == 1 + 3 + 9 + 27 + 81
    for frame in range(2):
        wanted = np.stack([outputs(one)[frame] for one in labels])
        np.testing.assert_allclose(posteriors.outputs(frame, np.array(numbers)), wanted, atol=1e-4)
    wanted = np.stack([internal_lm(one) for one in labels])
    np.testing.assert_allclose(posteriors.internal_lm(np.array(numbers)), wanted, atol=1e-4)


def test_on_a_device_read_noise_is_fresh_per_frame_and_state_and_the_same_for_each_search():
    device = memristor_sim.program(_calibrated(LSTM, seed=0), physical(), 1)
    frames = np.random.default_rng(1).normal(size=(200, LSTM.joiner_dim)).astype(np.float32).repeat(2, axis=0)

    def read(posteriors: LabelPosteriors) -> np.ndarray:
        """The first state twice in each frame, of which two are the same: [200, 2, 2, V]."""
        states = np.array([posteriors.begin()])
        outputs = [posteriors.outputs(frame, states) for frame in range(400) for _ in range(2)]
        return np.stack(outputs).reshape(200, 2, 2, -1)

    posteriors = Joined.of(device, read_noise_seed=1).posteriors("a", frames)
    first = read(posteriors)
    assert np.array_equal(first[:, :, 0], first[:, :, 1])
    assert not np.array_equal(first[:, 0], first[:, 1])
    assert np.array_equal(read(posteriors), first)
    assert not np.array_equal(read(Joined.of(device, read_noise_seed=1).posteriors("b", frames)), first)


def test_rows_keep_what_was_added_while_they_grow():
    rows, kept = Rows(), []
    for size in (1, 3, 2, 40):
        block = torch.arange(size * 2.0).view(size, 2) + 100 * size
        kept += list(zip(rows.add(block, block[:, 0]).tolist(), block, strict=True))
    assert [number for number, _ in kept] == list(range(46))
    wide, narrow = (rows.take(part, np.array([number for number, _ in kept])) for part in rows.parts)
    assert torch.equal(wide, torch.stack([row for _, row in kept])) and torch.equal(narrow, wide[:, 0])
