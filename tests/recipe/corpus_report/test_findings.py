"""Limits, and what is said when one is exceeded."""

import pytest

from recipe.corpus_report.findings import OK, STOPS, WARNS, Finding, stopping_sentence
from recipe.corpus_report.limits import CorpusLimits, Limit
from recipe.errors import InputError


def finding(count, of=200, check="markers"):
    made = Finding(check=check, where="dev", what="tokens are markers", mend="take them out", of=of)
    for number in range(count):
        made.add(f"m{number}")
    return made


@pytest.mark.parametrize(
    "count, limit, verdict",
    [
        (0, Limit(warn=0, stop=0), OK),
        (1, Limit(warn=0, stop=0), STOPS),
        (1, Limit(warn=0, stop=None), WARNS),
        (2, Limit(warn=1, stop=10), OK),  # 1 % is not above 1 %
        (3, Limit(warn=1, stop=10), WARNS),
        (21, Limit(warn=1, stop=10), STOPS),
        (200, Limit(warn=None, stop=None), OK),
        (200, Limit(warn=None, stop=100), OK),
    ],
)
def test_shares_are_judged_by_two_limits(count, limit, verdict):
    assert finding(count).verdict(CorpusLimits(markers=limit)) == verdict


def test_the_sentence_has_figure_examples_mend_and_a_limit_that_allows_it():
    limits = CorpusLimits()
    several = [finding(1), finding(7), finding(90, check="foreign_letters")]
    sentence = stopping_sentence(several, limits, "out/page.txt")
    assert sentence == (
        "dev: 7 of 200 (3.5 %) tokens are markers: m0, m1, m2; take them out, or allow it with "
        "Setup.corpus_limits = CorpusLimits(markers=Limit(stop=4)) (1 more limit(s) are exceeded, all figures are in "
        "out/page.txt)"
    )
    allowed = CorpusLimits(markers=Limit(stop=4), foreign_letters=Limit(stop=46))
    assert stopping_sentence(several, allowed, "") == ""


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_limit_is_a_percentage(percent):
    with pytest.raises(InputError, match=f"Limit.stop is {percent}; give a share of 0 to 100 percent"):
        Limit(stop=percent)


def test_a_number_is_no_limit():
    with pytest.raises(InputError, match="CorpusLimits.markers is 5; give Limit.warn=..., stop=.... in percent"):
        CorpusLimits(markers=5)
