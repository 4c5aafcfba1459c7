"""Delayed values against the same expression on plain values."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus import delayed_ops
from sisyphus.delayed_ops import Delayed, try_get
from sisyphus.hash import sis_hash_helper
from sisyphus.job_path import Variable

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
numbers = st.integers(1, 9)


@pytest.fixture
def variable(tmp_path):
    return Variable(str(tmp_path / "value"))


@given(numbers, numbers, st.sampled_from(BINARY))
def test_arithmetic(left, right, operation):
    assert operation(Delayed(left), right).get() == operation(left, right)
    assert operation(Delayed(left), Delayed(right)).get() == operation(left, right)
    if operation is not operator.mod:
        assert operation(left, Delayed(right)).get() == operation(left, right)


def total(*values, factor=1):
    return sum(values) * factor


def test_texts_items_and_functions():
    assert pow(Delayed(7), 3, 5).get() == pow(7, 3, 5)
    assert round(Delayed(1.237), 2).get() == 1.24
    assert Delayed({"a": [5]})["a"].get() == [5]
    assert Delayed("{}-{x}").format(Delayed(1), x=2).get() == "1-2"
    assert Delayed(3).rformat("{} of {}", 4).get() == "3 of 4"
    assert Delayed("aba").replace("a", "c").get() == "cbc"
    assert Delayed(2).function(total, 3, factor=4).get() == 20
    assert Delayed(total)(1, Delayed(2), factor=Delayed(3)).get() == 9
    assert delayed_ops.DelayedSlice(Delayed([1, 2, 3, 4]), 1, 3).get() == [2, 3]
    assert delayed_ops.DelayedJoin([Delayed("a"), "b"], "-").get() == "a-b"
    assert try_get(5) == 5 and str(Delayed(5) + 1) == "6" and repr(Delayed("a") + "b") == "ab"


def test_functions_take_their_arguments_as_a_tuple_and_a_dict_either_of_them_delayed():
    assert delayed_ops.DelayedFunctionV2(total, (1, Delayed(2)), {"factor": Delayed(3)}).get() == 9
    assert delayed_ops.DelayedFunctionV2(Delayed(total), Delayed([1, 2]), Delayed({"factor": 3})).get() == 9


class Doubled(delayed_ops.DelayedBase):
    def get(self):
        return 2 * self.a.get()


def test_recipes_may_add_delayed_values_of_their_kind(variable):
    doubled = Doubled(variable)
    assert vars(doubled) == {"a": variable, "b": None} and not doubled.is_set()
    variable.set(4)
    assert doubled.is_set() and (doubled + 1).get() == 9 and str(doubled) == "8"


def test_set_only_when_all_parts_are(variable):
    value = Delayed(1) + variable
    joined = delayed_ops.DelayedJoin([variable], "")
    assert not value.is_set() and not joined.is_set()
    assert variable.fallback(7).get() == 7
    variable.set(4)
    assert value.is_set() and joined.is_set() and value.get() == 5
    assert variable.fallback(7).get() == 4


def test_identity_is_class_name_and_parts():
    assert sis_hash_helper(Delayed("x")) == sis_hash_helper("x")
    assert sis_hash_helper(Delayed(1) + 2) == b"(DelayedAdd, " + sis_hash_helper({"a": 1, "b": 2}) + b")"
    parts = {"string": Delayed("s"), "args": (1,), "kwargs": {"k": 2}}
    assert sis_hash_helper(Delayed("s").format(1, k=2)) == b"(DelayedFormat, " + sis_hash_helper(parts) + b")"


def test_lambdas_are_refused():
    with pytest.raises(ValueError, match="lambda"):
        Delayed(1).function(lambda value: value)
