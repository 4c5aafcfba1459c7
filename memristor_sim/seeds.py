"""One random stream per cell array, from a stable hash of what the array is: order and company do not matter."""

import hashlib

import numpy as np


def stream_seed(device_seed: int, *name: str | int) -> int:
    """128 bits from a device seed and the names of an array: (layer, polarity, plane, tile...)."""
    text = "\0".join(map(str, (device_seed, *name)))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest(), "little")


def bit_stream(device_seed: int, *name: str | int) -> np.random.SFC64:
    """A bit generator of its own; its raw bits are the same on every machine and for every NumPy."""
    return np.random.SFC64(stream_seed(device_seed, *name))
