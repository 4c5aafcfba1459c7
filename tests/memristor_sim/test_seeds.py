import numpy as np

from memristor_sim.seeds import bit_stream, stream_seed


def test_streams_are_stable():
    """A device of today is the device of tomorrow: recorded once, never to change."""
    assert stream_seed(1, "blocks.0.ff", "+", 0, 0, 0, 0) == 199617791934010986306983733195636469388
    assert bit_stream(1, "blocks.0.ff", "+", 0, 0, 0, 0).random_raw(2).tolist() == [
        9975520571888798393,
        8877094605456068360,
    ]


def test_every_part_of_the_name_counts():
    names = [(1, "a", "+", 0, 1), (2, "a", "+", 0, 1), (1, "b", "+", 0, 1), (1, "a", "-", 0, 1), (1, "a", "+", 1, 0)]
    assert len({stream_seed(*name) for name in names}) == len(names)


def test_streams_are_uncorrelated():
    first, second = (np.random.Generator(bit_stream(1, "a", plane)).standard_normal(100_000) for plane in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.015
