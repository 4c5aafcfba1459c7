"""A published model in upper case, as it scores afterwards."""

import gzip

import pytest
from sisyphus import tk

from recipe.lm.config import NgramConfig
from recipe.lm.estimate import build_binary, estimate
from recipe.lm.given_jobs import LowerCaseArpaJob
from recipe.lm.perplexity import perplexity

TEXT = "THE CAT SAT\nTHE DOG SAT HERE\nA CAT RAN\n" * 5


def test_a_model_in_lower_case_says_of_lower_case_what_it_said_of_upper(tmp_path):
    (tmp_path / "upper.txt").write_text(TEXT)
    (tmp_path / "lower.txt").write_text(TEXT.lower())
    config = NgramConfig(order=3, discount_fallback=True)
    estimate(str(tmp_path / "upper.txt"), str(tmp_path / "upper.arpa.gz"), config, 0.2, str(tmp_path))
    job = LowerCaseArpaJob(tk.Path(str(tmp_path / "upper.arpa.gz")))
    job.out_arpa = tk.Path(str(tmp_path / "lower.arpa.gz"))
    job.run()
    for case in ("upper", "lower"):
        build_binary(str(tmp_path / f"{case}.arpa.gz"), str(tmp_path / f"{case}.bin"), str(tmp_path))
    said, says = (
        perplexity(str(tmp_path / f"{case}.bin"), str(tmp_path / f"{case}.txt")) for case in ("upper", "lower")
    )
    assert says == pytest.approx(said)
    assert b"CAT" not in gzip.decompress((tmp_path / "lower.arpa.gz").read_bytes())
