import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.config import StmRules
from recipe.corpus.stm import kept_line, read_stm, split_apostrophes
from recipe.errors import InputError
from recipe.formats.stm import StmLine

LINE = "Al_2009 1 Al 10.5 12.25 <F0_M> imiss what you'd said  it's uptheir road"


def test_line_with_all_rules():
    assert kept_line(LINE, "f:1") == StmLine(
        "Al_2009", "1", "Al", 10.5, 12.25, "<o,f0,male>", "i miss what you 'd said it 's up their road"
    )


def test_every_rule_can_be_switched_off():
    rules = StmRules(drop_ignored=False, rename_gender_tags=False, split_apostrophes=False, mend_typos=False)
    line = kept_line(LINE, "f:1", rules)
    assert (line.tag, line.text) == ("<F0_M>", "imiss what you'd said it's uptheir road")
    ignored = "A 1 gap 0 1 <NA> ignore_time_segment_in_scoring"
    assert kept_line(ignored, "f:1") is None
    assert kept_line(ignored, "f:1", rules).speaker == "gap"


@pytest.mark.parametrize("line", ["", "  \n", ";; comment", "  ;; CATEGORY"])
def test_lines_without_a_segment(line):
    assert kept_line(line, "f:1") is None


@pytest.mark.parametrize(
    "line, told",
    [
        ("A 1 A 0 1 <NA>", "6 fields"),
        ("A 1 A zero 1 <NA> word", "'zero'"),
        ("A 1 A 0 nan <NA> word", "'nan'"),
        ("A 1 A -1 1 <NA> word", "'-1'"),
        ("A 1 A 0 inf <NA> word", "'inf'"),
        ("A 1 A 2 2 <NA> word", "after its start"),
        ("A 1 A 0 1 word word", "sixth field"),
        ("A 2 A 0 1 <NA> word", "mono"),
    ],
)
def test_line_against_the_grammar_is_named(tmp_path, line, told):
    path = tmp_path / "A.stm"
    path.write_text(f"A 1 A 0 1 <NA> good\n{line}\n")
    with pytest.raises(InputError, match=f"A.stm:2.*{told}"):
        list(read_stm(path))


def test_other_encodings_are_named(tmp_path):
    path = tmp_path / "A.stm"
    path.write_bytes("A 1 A 0 1 <NA> naïve\n".encode("latin-1"))
    with pytest.raises(InputError, match="A.stm:1.*UTF-8"):
        list(read_stm(path))


@pytest.mark.parametrize(
    "joined, split",
    [
        ("don't", "don 't"),
        ("we'll i'm", "we 'll i 'm"),
        ("'cause rock 'n' roll", "'cause rock 'n' roll"),
        ("the students' books", "the students' books"),
        ("o'clock", "o 'clock"),
    ],
)
def test_split_apostrophes(joined, split):
    assert split_apostrophes(joined) == split


@given(st.text(alphabet="ab' ", max_size=20))
def test_splitting_twice_changes_nothing_more(text):
    once = split_apostrophes(text)
    assert split_apostrophes(once) == once
    assert once.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "text, words",
    [
        ("{NOISE} so {BREATH} [laughter] read(2) <sil> it", "so read it"),
        ("{NOISE} <unk>", None),
        ("a [b c] (d) 3 < 4", "a [b c] (d) 3 < 4"),
    ],
)
def test_markers(text, words):
    line = f"A 1 A 0 1 <NA> {text}"
    parsed = kept_line(line, "f:1", StmRules(drop_markers=True))
    assert (parsed and parsed.text) == words
    assert kept_line(line, "f:1").text == text


def test_rule_that_came_later_is_hashed_where_it_is_in_force():
    from sisyphus.hash import short_hash

    first_four = {"drop_ignored", "rename_gender_tags", "split_apostrophes", "mend_typos"}
    assert StmRules().__sis_state__().keys() == first_four
    variants = StmRules(), StmRules(drop_markers=True), StmRules(mend_typos=False)
    assert len({short_hash(rules) for rules in variants}) == 3


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("we know (Talk_2010-1.00-4.00)", "we know"),
        ("we know it(2) (Talk_2010-1.00-4.00) ", "we know it(2)"),
        ("we (the two) know", "we (the two) know"),  # not at the end
        ("we know", "we know"),
    ],
)
def test_keys_of_lines_are_dropped_on_request(text, kept):
    line = f"Talk 1 Talk 1.00 4.00 <NA> {text}"
    assert kept_line(line, "a.stm:1", StmRules(drop_line_keys=True)).text == kept
    assert kept_line(line, "a.stm:1").text == " ".join(text.split())
