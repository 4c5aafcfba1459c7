from dataclasses import dataclass

from recipe.identity import flattened


@dataclass(frozen=True)
class Pair:
    left: str
    right: str


def test_grouped_values_become_the_arguments_they_were():
    arguments = {"pair": Pair("a", "b"), "scale": 2.0, "other": Pair("c", "d")}
    assert flattened(arguments, "pair") == {"left": "a", "right": "b", "scale": 2.0, "other": Pair("c", "d")}
    assert arguments["pair"] == Pair("a", "b")
