"""The encoding of values against the real Sisyphus: what it said once (vectors.txt), and what it says to random ones.

Each line of vectors.txt is the short hash that the real engine gave under Python 3.11 and the expression it gave it to.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus.hash import ALPHABET

HERE = Path(__file__).parent
BUNDLED = HERE.parent
REAL = os.environ.get("REAL_SISYPHUS")
VECTORS = [line.split("\t", 1) for line in (HERE / "vectors.txt").read_text(encoding="utf-8").splitlines()]


class Encoder:
    """A process that encodes expressions with the engine of an import path."""

    def __init__(self, engine, **environment: str):
        project = HERE / "project"
        self._process = subprocess.Popen(
            [sys.executable, str(project / "encode.py")],
            cwd=project,
            env={**os.environ, "PYTHONPATH": f"{engine}:{project}", "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, expression: str) -> str:
        """The encoding as hex, or `refused`."""
        self._process.stdin.write(expression + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="module")
def encoder():
    """Makes encoders; all are closed at the end."""
    made = []

    def make(*arguments, **environment):
        made.append(Encoder(*arguments, **environment))
        return made[-1]

    yield make
    for one in made:
        one.close()


def short(encoding: str) -> str:
    if encoding == "refused":
        return encoding
    number, digits = int.from_bytes(hashlib.sha256(bytes.fromhex(encoding)).digest(), "big"), ""
    for _ in range(12):
        number, digit = divmod(number, 62)
        digits += ALPHABET[digit]
    return digits


@pytest.mark.parametrize("seed", ["0", "12345"])
def test_stored_vectors_hold_in_every_process(encoder, seed):
    encode = encoder(BUNDLED, PYTHONHASHSEED=seed)
    assert [[short(encode(expression)), expression] for _, expression in VECTORS] == VECTORS
    assert len(VECTORS) > 85


leaves = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=8)).map(
    repr
) | st.sampled_from([expression for hashed, expression in VECTORS if hashed != "refused"])


def wrapped(inner):
    """Expressions with other expressions inside."""
    one = [
        "Config(bits={0})",
        "Slotted({0})",
        "Plain({0})",
        "Shape({0})",
        "Shape({0}).out",
        "Versioned({0}, extra=1).var",
        "partial(function, {0})",
        "Delayed({0})",
        "Shape({0}).var + {0}",
        "[{0}] * 50",
    ]
    two = ["[{0}, {1}]", "({0}, {1})", "{{'a': {0}, 'b': {1}}}", "Pair({0}, {1})", "Shape({0}, {1}, more={1})"]
    return st.builds(str.format, st.sampled_from(one), inner.map(bracketed)) | st.builds(
        str.format, st.sampled_from(two), inner.map(bracketed), inner.map(bracketed)
    )


def bracketed(expression: str) -> str:
    return f"({expression})"


expressions = st.recursive(leaves, wrapped, max_leaves=6)


@pytest.fixture(scope="module")
def both(encoder):
    return encoder(BUNDLED), encoder(REAL)


@pytest.mark.skipif(not REAL, reason="REAL_SISYPHUS names no checkout of the real Sisyphus")
class TestAgainstTheRealOne:
    def test_vectors_are_still_what_it_says(self, both):
        assert [[short(both[1](expression)), expression] for _, expression in VECTORS] == VECTORS

    @given(expression=expressions)
    def test_random_values_encode_alike(self, both, expression):
        ours, theirs = (encode(expression) for encode in both)
        assert ours and ours == theirs
