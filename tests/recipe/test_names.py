import pytest
from hypothesis import given
from hypothesis import strategies as st

from memristor_sim.hardware import physical
from recipe.corpus.protocol import LmTexts, Parts
from recipe.errors import InputError
from recipe.names import checked_name
from recipe.systems import Memristor

BAD = ["", ".", "..", "../../x", "a/b", "a\\b", "/etc", ".hidden", "-rf", "a..b", "a b", "a\tb", "a\u00a0b", "a\0b",
       "a\u200bb", "\ufeffa", "\x1b[31m", "x" * 101, "é" * 51, "a\ud800", None, 3]  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_name_a_file_is_refused_in_one_short_sentence(name):
    with pytest.raises(InputError, match="^here: the thing is named ") as refused:
        checked_name(name, "the thing", "here")
    assert str(refused.value).isprintable() and len(str(refused.value)) < 250


@pytest.mark.parametrize("name", ["Anna_2009", "Zoe.2_2012", "3-bit", "x" * 100, "émile", "日本", "a'b", "4.1c0e+8"])
def test_ordinary_names_are_taken_as_they_are(name):
    assert checked_name(name, "the thing") == name


def test_spaces_may_stand_between_words_where_they_are_allowed():
    assert checked_name("measured levels, 8 bit", "the thing", spaces=True) == "measured levels, 8 bit"
    for name in (" a", "a ", "a  b", "a\tb", "a /b", "a\u00a0b", " ", "a b" * 40):
        with pytest.raises(InputError):
            checked_name(name, "the thing", spaces=True)


@given(st.text(max_size=120))
def test_a_name_that_passes_stays_within_its_folder(tmp_path_factory, name):
    try:
        checked_name(name, "the thing")
    except InputError:
        return
    folder = tmp_path_factory.getbasetemp()
    assert (folder / name).resolve().parent == folder.resolve() and len(f".part-1234567-{name}.stm".encode()) < 255


@pytest.mark.parametrize("name", ["../../..", "x" * 240])
def test_parts_presets_and_setups_are_checked_where_they_are_built(name):
    from dataclasses import replace

    from setups.tiny import tiny

    with pytest.raises(InputError, match="a part is named"):
        Parts(train=name, dev="dev", tests=("test",))
    with pytest.raises(InputError, match="an LM text is named"):
        LmTexts(all=(), by_name={name: None})
    with pytest.raises(InputError, match="the preset is named"):
        Memristor(3, 1, physical(), preset=name)
    with pytest.raises(InputError, match="the setup is named"):
        replace(tiny(), name=name)
