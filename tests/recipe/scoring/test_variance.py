import numpy as np
import pytest

from recipe.scoring.variance import components

UTTERANCES, TRAININGS, DEVICES = 250, 5, 4


def drawn(generator, training_std, device_std, devices=DEVICES):
    """Words [N] and errors per training [N, D]: rates of 10 % with known standard deviations, in percent points."""
    words = generator.integers(5, 14, UTTERANCES)
    hard = generator.beta(2, 18, UTTERANCES)
    errors = []
    for shift in generator.normal(0, training_std, TRAININGS):
        rates = shift + generator.normal(0, device_std, devices)
        errors.append(generator.binomial(words[:, None], np.clip(hard[:, None] + rates / 100, 0, 1)))
    return words, errors


@pytest.mark.parametrize(("training_std", "device_std"), [(1.5, 0.8), (0.8, 1.5)])
def test_components_are_those_that_the_data_was_drawn_with(training_std, device_std):
    generator = np.random.default_rng(1)
    found = [components(*drawn(generator, training_std, device_std)) for _ in range(400)]
    assert np.mean([one.trainings for one in found]) == pytest.approx(training_std**2, rel=0.15)
    assert np.mean([one.devices for one in found]) == pytest.approx(device_std**2, rel=0.15)


def test_equal_models_differ_by_their_utterances_alone():
    """Without subtracting what utterances contribute, these means would be about 0.4 squared points."""
    generator = np.random.default_rng(2)
    assert np.mean([components(*drawn(generator, 0.0, 0.0)).devices for _ in range(200)]) < 0.1
    assert np.mean([components(*drawn(generator, 0.0, 0.0, devices=1)).trainings for _ in range(200)]) < 0.15


def test_utterances_are_the_variance_over_sets_of_them():
    generator = np.random.default_rng(3)
    words, errors = drawn(generator, 1.0, 0.5)
    rates = []
    for _ in range(4000):
        chosen = generator.integers(0, UTTERANCES, UTTERANCES)
        rates.append(100 * np.mean([one[chosen].mean(axis=1).sum() for one in errors]) / words[chosen].sum())
    assert components(words, errors).utterances == pytest.approx(np.var(rates), rel=0.1)


def test_trainings_without_devices_and_single_trainings_have_no_such_component():
    words, errors = drawn(np.random.default_rng(4), 2.0, 0.0, devices=1)
    assert components(words, errors).devices is None and components(words, errors).trainings > 0
    words, errors = drawn(np.random.default_rng(4), 2.0, 1.0)
    alone = components(words, errors[:1])
    assert alone.trainings is None and alone.devices > 0


def test_a_difference_leaves_what_both_sides_share():
    """Devices that all lose the same against the digital model of their training: no spread, whatever the training."""
    words, errors = drawn(np.random.default_rng(5), 2.0, 0.0, devices=1)
    lost = [one + 1 for one in errors]
    gaps = [a - b for a, b in zip(lost, errors, strict=True)]
    found = components(words, gaps)
    assert found.trainings == pytest.approx(0, abs=1e-9)
    assert components(words, errors).trainings > 1
