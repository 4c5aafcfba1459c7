"""Paths and variables."""

import gzip
import math
import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import Path, tk
from sisyphus.hash import sis_hash_helper
from sisyphus.job_path import Variable, VariableNotSet


def test_a_path_without_creator_lies_in_the_base_directory(base):
    path = Path("data/in.txt")
    assert path.rel_path() == "data/in.txt"
    assert path.get_path() == str(path) == os.fspath(path) == f"{base}/data/in.txt"
    assert Path("/abs/in.txt").get_path() == "/abs/in.txt"
    assert not path.available()
    (base / "data").mkdir()
    (base / "data" / "in.txt").touch()
    assert path.available()


@given(st.text("abc/_", max_size=6), st.text("xyz", min_size=1, max_size=3))
def test_appending_extends_path_and_identity(file, suffix):
    path = Path(file, hash_overwrite="name")
    assert path.copy_append(suffix).path == file + suffix
    assert sis_hash_helper(path.copy_append(suffix)) == sis_hash_helper(Path("other", hash_overwrite="name" + suffix))
    assert path.join_right(suffix) == Path(f"{file}/{suffix}")
    assert path.copy() == path and path.copy() is not path


def test_hash_overwrite_replaces_the_place():
    assert sis_hash_helper(Path("/home/a", hash_overwrite="corpus")) == sis_hash_helper(Path("corpus"))
    assert b"(str, 'job/output'), (str, 'x')" in sis_hash_helper(Path("/a", hash_overwrite=("job/output", "x")))


@pytest.mark.parametrize("name", ["corpus", (None, "corpus"), ("job/output", "x")])
def test_an_overwritten_hash_may_be_set_later(name):
    early, late = Path("/a", hash_overwrite=name), Path("/a")
    assert late.hash_overwrite is None
    late.hash_overwrite = name
    assert sis_hash_helper(late) == sis_hash_helper(early) != sis_hash_helper(Path("/a"))
    assert late.hash_overwrite == early.hash_overwrite == ((None, name) if isinstance(name, str) else name)
    late.hash_overwrite = None
    assert sis_hash_helper(late) == sis_hash_helper(Path("/a"))


@pytest.mark.parametrize("name", [3, ["a", "b"], ("a", "b", "c")])
def test_other_values_overwrite_no_hash(name):
    with pytest.raises(TypeError, match="give a text or a pair"):
        Path("/a").hash_overwrite = name


def test_tags_may_be_set_later():
    path = Path("a")
    path.tags = {"left"}
    assert path.tags == {"left"} and path.copy().tags == {"left"}


def test_the_size_of_a_text_is_estimated(base):
    text = b"a line\n" * 1000
    (base / "plain").write_bytes(text)
    (base / "packed").write_bytes(gzip.compress(text))
    assert Path("plain").estimate_text_size() == 7000
    assert Path("packed").estimate_text_size() == int(3.5 * (base / "packed").stat().st_size)


def test_class_creator_and_file_make_paths_equal():
    assert Path("a") == Path("a", cached=True, tags={"t"}) != Path("b")
    assert Path("a") != Variable("a")
    assert len({Path("a"), Path("a"), Variable("a")}) == 2


@given(
    st.recursive(st.none() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner))
)
def test_variables_keep_their_value(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("variable")
    for pickled in (False, True):
        variable = Variable(str(folder / f"value{pickled}"), pickle=pickled)
        variable.set(value)
        assert repr(variable.get()) == repr(value)
    assert sorted(os.listdir(folder)) == ["valueFalse", "valueTrue"]


@given(st.frozensets(st.floats(allow_nan=False) | st.frozensets(st.text(max_size=3)), max_size=4))
def test_frozen_sets_read_back(tmp_path_factory, value):
    variable = Variable(str(tmp_path_factory.mktemp("variable") / "value"))
    variable.set({"a": [value]})
    assert variable.get() == {"a": [value]} and type(variable.get()["a"][0]) is frozenset


def test_unset_variables(tmp_path):
    with pytest.raises(VariableNotSet):
        Variable(str(tmp_path / "none")).get()
    assert Variable(str(tmp_path / "none"), backup=None).get() is None
    (tmp_path / "inf").write_text("[nan, -inf]\n")
    nan, minus = Variable(str(tmp_path / "inf")).get()
    assert math.isnan(nan) and minus == -math.inf


@pytest.mark.parametrize("text", ["__import__('os').getpid()", "frozenset([open('x')])", "frozenset(key=1)", "f({1})"])
def test_a_variable_file_cannot_run_code(tmp_path, text):
    (tmp_path / "evil").write_text(text)
    with pytest.raises(ValueError, match="no Python literal"):
        Variable(str(tmp_path / "evil")).get()


def test_a_variable_is_true_and_cannot_be_iterated(tmp_path):
    variable = Variable(str(tmp_path / "v"))
    variable.set(0)
    assert variable and str(variable) == "0"
    with pytest.raises(TypeError):
        list(variable)


def test_a_pickled_path_forgets_its_creator(base):
    path = pickle.loads(pickle.dumps(Path("a", hash_overwrite="o", tags={"t"})))
    assert vars(path) == {
        "creator": None,
        "path": f"{base}/a",
        "cached": False,
        "_hash_overwrite": (None, "o"),
        "_tags": {"t"},
        "_available": None,
        "users": set(),
    }


def test_toolkit_helpers(base):
    path = tk.input_path("a.gz")
    assert tk.is_path(path) and not tk.is_path("a.gz") and tk.input_path(path) is path
    (base / "a.gz").write_bytes(b"\x1f\x8b")
    assert tk.zipped(path)
    with tk.mktemp() as name:
        tk.sh("echo {word} > {name}", word="one", name=name)
        assert tk.sh("cat {name}", name=name, capture_output=True) == "one\n"
    assert not os.path.exists(name)
