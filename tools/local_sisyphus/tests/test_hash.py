"""The encoding of values: published vectors, an independent encoder, and stability between processes."""

import dataclasses
import enum
import functools
import hashlib
import subprocess
import sys
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import Job, Path
from sisyphus.hash import get_object_state, int_hash, short_hash, sis_hash_helper

COLOUR_MODULE = "import enum\n\nclass Colour(enum.Enum):\n    RED = 'red'\n"


@pytest.fixture
def colour(tmp_path, monkeypatch):
    """The enum of the published vector, in the module it names."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "types.py").write_text(COLOUR_MODULE)
    (tmp_path / "demo" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield __import__("demo.types", fromlist=["Colour"]).Colour
    for name in ("demo", "demo.types"):
        sys.modules.pop(name)


class _Creator:
    def _sis_id(self):
        return "demo/text/CountLines.BDVLiWKnjsYQ"


NESTED = {"lr": 0.0001, "layers": [4, 8], "deep": {"k": None, "flag": False}}
BOUND = {"text": Path("data/in.txt"), "strip": True, "factor": 1.0}
VECTORS = [
    ("it's", b'(str, "it\'s")', "L6q733uHzE3D"),
    (1e-05, b"(float, 1e-05)", "AX0kvNH7gJZc"),
    ({10, 9, "a"}, b"(set, (int, 10), (int, 9), (str, 'a'))", "cSLBMYITwhrB"),
    (
        NESTED,
        b"(dict, (tuple, (str, 'deep'), (dict, (tuple, (str, 'flag'), (bool, False)), (tuple, (str, 'k'), "
        b"(NoneType)))), (tuple, (str, 'layers'), (list, (int, 4), (int, 8))), (tuple, (str, 'lr'), (float, 0.0001)))",
        "ftv6nU7eLrUd",
    ),
    (
        list(range(1000)),
        bytes.fromhex("83873f3401ae56f035d43ef75dc11b46df41d0c2c0beb68d1e4dd1303fcc9906"),
        "DDfWFgvdZgcj",
    ),
    (
        Path("copy.txt", _Creator()),
        b"(Path, (tuple, (str, 'demo/text/CountLines.BDVLiWKnjsYQ/output'), (str, 'copy.txt')))",
        "lufsuCMze4Po",
    ),
    (
        BOUND,
        b"(dict, (tuple, (str, 'factor'), (float, 1.0)), (tuple, (str, 'strip'), (bool, True)), "
        b"(tuple, (str, 'text'), (Path, (tuple, (NoneType), (str, 'data/in.txt')))))",
        "BDVLiWKnjsYQ",
    ),
]


@pytest.mark.parametrize("value, encoding, short", VECTORS, ids=[vector[2] for vector in VECTORS])
def test_published_vectors(value, encoding, short):
    assert sis_hash_helper(value) == encoding
    assert short_hash(value) == short


def test_published_vector_of_an_enum(colour):
    assert sis_hash_helper(colour.RED) == (
        b"(Colour, (dict, (tuple, (str, '__objclass__'), (EnumMeta, (tuple, (str, 'demo.types'), (str, 'Colour')))), "
        b"(tuple, (str, '_name_'), (str, 'RED')), (tuple, (str, '_value_'), (str, 'red'))))"
    )
    assert short_hash(colour.RED) == "2MFHQgjn0Gqz"


def encode(value) -> bytes:
    """The contract's table for plain values, written down a second time."""
    if isinstance(value, (list, tuple)):
        body = [encode(element) for element in value]
    elif isinstance(value, (set, frozenset)):
        body = sorted(encode(element) for element in value)
    elif isinstance(value, dict):
        body = sorted(encode(pair) for pair in value.items())
    elif isinstance(value, bytes):
        body = [value]
    else:
        body = [] if value is None else [repr(value).encode()]
    text = b"("
    for number, part in enumerate([type(value).__name__.encode(), *body]):
        text += (b", " if number else b"") + part
    text += b")"
    return text if len(text) <= 4096 else hashlib.sha256(text).digest()


hashable = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20)
plain = st.recursive(
    hashable | st.text(min_size=4000, max_size=4200).map(lambda text: text[:1] * 4090 + text[:8]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.frozensets(hashable, max_size=4)
    ),
    max_leaves=25,
)


@given(plain)
def test_nested_values_encode_as_the_table_says(value):
    assert sis_hash_helper(value) == encode(value)
    digest = int.from_bytes(hashlib.sha256(encode(value)).digest(), "big")
    assert int_hash(value) == digest
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert sum(digits.index(digit) * 62**place for place, digit in enumerate(short_hash(value))) == digest % 62**12


def test_other_processes_agree():
    program = (
        "from sisyphus.hash import short_hash\n"
        "print(short_hash({'b': {'x', 'y', 'z'}, 'a': [1.5, {'k': (None, True)}], 3: frozenset('abc')}))"
    )
    folder = str(FilePath(__file__).resolve().parents[1])
    seen = set()
    for seed in ("0", "1", "77"):
        environment = {"PYTHONPATH": folder, "PYTHONHASHSEED": seed}
        seen.add(subprocess.check_output([sys.executable, "-c", program], env=environment, text=True))
    assert seen == {short_hash({3: frozenset("abc"), "a": [1.5, {"k": (None, True)}], "b": {"z", "y", "x"}}) + "\n"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    bits: int = 4
    names: tuple = ()
    hidden: int = dataclasses.field(default=1, compare=False)

    @property
    def levels(self):
        return 2**self.bits


class Mode(enum.StrEnum):
    FAST = "fast"


class Inherited:
    __slots__ = ("first",)


class Slots(Inherited):
    __slots__ = ("second",)


class Stateful:
    def __init__(self):
        self.shown, self._kept = 1, 2

    def __sis_state__(self):
        return self.shown


def named():
    """A function that can be imported."""


def state_of(value):
    """What stands between type name and closing bracket, for values whose state is a dict."""
    name = type(value).__qualname__.encode()
    encoding = sis_hash_helper(value)
    assert encoding.startswith(b"(" + name + b", ")
    return encoding[len(name) + 3 : -1]


def test_objects_encode_through_their_state():
    slots = Slots()
    slots.first, slots.second = 1, 2
    partial = functools.partial(named, 1, key=2)
    assert state_of(Config(bits=5)) == encode({"bits": 5, "names": (), "hidden": 1})
    assert state_of(slots) == encode({"first": 1, "second": 2})
    assert state_of(Stateful()) == encode(1)
    name = encode((__name__, "named"))
    assert sis_hash_helper(named) == b"(function, " + name + b")"
    assert get_object_state(partial) == {"func": named, "args": (1,), "keywords": {"key": 2}}
    assert sis_hash_helper(FilePath("a/b")) == f"({type(FilePath()).__name__}, (str, 'a/b'))".encode()
    assert get_object_state(Mode.FAST) == (
        ("fast",),
        {"_value_": "fast", "_name_": "FAST", "__objclass__": Mode},
    )


def test_classes_encode_by_name_and_metaclass():
    assert sis_hash_helper(Config) == b"(type, " + encode((__name__, "Config")) + b")"
    assert sis_hash_helper(Mode).startswith(b"(EnumMeta, ")
    assert sis_hash_helper(Job) == b"(JobSingleton, " + encode(("sisyphus.job", "Job")) + b")"


def test_what_has_no_stable_encoding_is_refused():
    class Numbers(list):
        pass

    for value in (Numbers([1]), iter([1]), object(), memoryview(b"x")):
        with pytest.raises(TypeError):
            sis_hash_helper(value)
    with pytest.raises(ValueError, match="lambda"):
        sis_hash_helper(lambda: 1)
    main = type("Main", (), {"__module__": "__main__"})
    with pytest.raises(ValueError, match="__main__"):
        sis_hash_helper(main)
