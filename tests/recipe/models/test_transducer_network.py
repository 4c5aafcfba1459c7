import torch

from recipe.models.transducer import LABELS_PER_FRAME
from tests.recipe.models.transducers import CONTEXT_ONE, LSTM, batch, built


def test_a_context_one_predictor_sees_the_last_label_alone_and_an_lstm_all():
    one, two = torch.tensor([[1, 2, 3]]), torch.tensor([[4, 2, 3]])
    for model, same in ((CONTEXT_ONE, True), (LSTM, False)):
        predictor = built(model).predictor
        first, second = predictor(one)[0], predictor(two)[0]
        assert len(first) == 4 and torch.equal(first[0], second[0]) and not torch.equal(first[1], second[1])
        assert torch.equal(first[3], second[3]) is same


def test_the_table_is_the_lattice_in_the_states_that_the_labels_lead_to():
    network = built(CONTEXT_ONE).eval()
    features, lengths, targets, _ = batch()
    with torch.no_grad():
        emissions, frames = network(features, lengths)
        assert emissions.shape == (2, 16, CONTEXT_ONE.emission_dim) and frames.tolist() == [16, 10]
        lattice = network.lattice(emissions, targets)
        table = network.table(emissions[0], network.states())
    assert table.shape == (16, 6, 6)
    for place, last in enumerate([CONTEXT_ONE.num_labels, *targets[0].tolist()]):
        torch.testing.assert_close(table[:, last], lattice[0, :, place].log_softmax(-1))


def test_the_internal_lm_is_a_distribution_over_labels_that_the_audio_does_not_change():
    network = built(CONTEXT_ONE).eval()
    with torch.no_grad():
        internal = network.internal_lm(network.states())
    assert internal.shape == (6, 5)
    torch.testing.assert_close(internal.exp().sum(-1), torch.ones(6))


def test_the_greedy_path_takes_the_best_output_after_what_it_emitted():
    for model in (CONTEXT_ONE, LSTM):
        network = built(model, seed=4).eval()
        features, lengths, *_ = batch()
        with torch.no_grad():
            network.joiner.output.weight *= 3  # outputs differ more between frames
            emissions, _ = network(features, lengths)
            path = list(network.greedy(emissions[0]))
            labels: list[int] = []
            frame = emitted = 0
            for output in path:
                logits = network.lattice(emissions[:1], torch.tensor([labels], dtype=torch.int64))[0, frame, -1]
                if emitted < LABELS_PER_FRAME and len(labels) < 16 or output != network.blank:
                    assert output == int(logits.argmax())
                if output == network.blank:
                    frame, emitted = frame + 1, 0
                else:
                    labels, emitted = [*labels, output], emitted + 1
        assert frame == 16 and labels


def test_padding_changes_nothing_of_a_padded_utterance_but_what_the_encoder_lets_through():
    network = built(LSTM).eval()
    features, lengths, targets, _ = batch()
    with torch.no_grad():
        emissions, _ = network(features, lengths)
        padded = torch.tensor([[4, 0, 0, 0], [4, 0, 3, 1]])
        lattice = network.lattice(emissions, padded)
    torch.testing.assert_close(network.lattice(emissions, targets)[1, :, :3], lattice[1, :, :3])
