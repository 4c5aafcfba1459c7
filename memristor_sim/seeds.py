"""One random stream per cell array, from a stable hash of its name: the order of arrays does not matter."""

import hashlib

import numpy as np


def stream_seed(device_seed: int, *name: str | int) -> int:
    """128 bits from a device seed and the names of an array: (layer, polarity, plane, tile...)."""
    text = "\0".join(map(str, (device_seed, *name)))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest(), "little")


def bit_stream(device_seed: int, *name: str | int) -> np.random.SFC64:
    """The array's own bit generator; its raw bits are the same on every machine and in every NumPy version."""
    return np.random.SFC64(stream_seed(device_seed, *name))
