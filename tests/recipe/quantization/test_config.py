"""Job ids of the published choices are kept by people: what was added since must not move them."""

from dataclasses import fields

import pytest
from sisyphus.hash import short_hash

from recipe.quantization.config import QuantizationConfig
from recipe.quantization.ranges import Lsq

SINCE = {
    "quantize_frontend": True,
    "weight_range": Lsq(),
    "input_range": Lsq(),
    "levels": 5,
    "weight_dropout": 0.1,
    "pruning_threshold": 0.01,
    "tile": 128,
}


def test_the_hash_of_the_published_choices_is_that_of_their_first_release():
    assert short_hash(QuantizationConfig(weight_bits=3)) == "59E4CzCgYBl0"
    first = {"weight_bits", "activation_bits", "attention_operand_bits", "quantize_depthwise", "attention_dropout"}
    assert {field.name for field in fields(QuantizationConfig)} == first | SINCE.keys()


@pytest.mark.parametrize("name", SINCE)
def test_another_choice_is_another_hash(name):
    published, changed = QuantizationConfig(weight_bits=3), QuantizationConfig(weight_bits=3, **{name: SINCE[name]})
    assert short_hash(changed) != short_hash(published)
