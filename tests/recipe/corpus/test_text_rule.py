"""One rule for how words are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.config import StmRules
from recipe.corpus.stm import kept_line
from recipe.corpus.text_rule import TextRule
from recipe.errors import InputError

RULES = [
    TextRule(lower_case=lower, apostrophes=form, drop_markers=drop)
    for lower in (False, True)
    for form in ("as written", "split", "joined")
    for drop in (False, True)
]


@pytest.mark.parametrize(
    "rule, text, expected",
    [
        (TextRule(), "It's  as WRITTEN {NOISE}", "It's  as WRITTEN {NOISE}"),
        (TextRule(lower_case=True), "IT'S ÉTÉ", "it's été"),
        (TextRule(apostrophes="split"), "don't o'clock it\u2019s 'cause dogs'", "don 't o 'clock it 's 'cause dogs'"),
        (TextRule(apostrophes="joined"), "don 't it 's o 'clock say 'cause", "don't it's o 'clock say 'cause"),
        (TextRule(apostrophes="joined"), "DON 'T we\u2019ll", "DON'T we'll"),
        (TextRule(drop_markers=True), "{NOISE} read(2) <unk> the [door slams] ++um++ +uh+ %hes book", "read the book"),
        (TextRule(drop_markers=True), "one+one 5 %", "one+one 5 %"),
    ],
)
def test_what_a_rule_makes_of_a_text(rule, text, expected):
    assert rule.applied(text) == expected


@given(st.text("aT's {}[]<>()+%2\u2019 ", max_size=30), st.sampled_from(RULES))
def test_a_rule_applied_twice_is_the_rule(text, rule):
    once = rule.applied(text)
    assert rule.applied(once) == once or rule.drop_markers  # what a marker hid may be one itself


def test_an_unknown_form_is_refused():
    with pytest.raises(InputError, match="apostrophes is 'apart'; give one of 'as written', 'split'"):
        TextRule(apostrophes="apart")


@pytest.mark.parametrize(
    "rules, expected",
    [
        (StmRules(), "Don 't {NOISE} stop"),
        (StmRules(text=TextRule(apostrophes="joined")), "Don't {NOISE} stop"),
        (StmRules(text=TextRule(lower_case=True, drop_markers=True)), "don 't stop"),
    ],
)
def test_transcripts_obey_it_after_their_own_rules(rules, expected):
    assert kept_line("t 1 s 0 1 <NA> Don't {NOISE} stop\n", "t.stm:1", rules).text == expected


def test_a_line_of_nothing_but_markers_is_no_segment():
    assert kept_line("t 1 s 0 1 <NA> {NOISE} ++um++\n", "t.stm:1", StmRules(text=TextRule(drop_markers=True))) is None
