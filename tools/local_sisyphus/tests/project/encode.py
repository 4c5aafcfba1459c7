"""Reads an expression a line, prints the encoding of its value as hex; a refusal as the word `refused`."""

import sys

from recipe.shapes import NAMES
from sisyphus.hash import sis_hash_helper

for line in sys.stdin:
    try:
        print(sis_hash_helper(eval(line, dict(NAMES))).hex(), flush=True)
    except (TypeError, ValueError, AssertionError) as error:
        print("refused", file=sys.stdout, flush=True)
        print(line, repr(error), file=sys.stderr)
