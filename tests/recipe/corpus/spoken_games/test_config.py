import os

import pytest

from recipe.corpus.spoken_games import config
from recipe.corpus.spoken_games.config import FOLDER_VARIABLE, SpokenGames
from recipe.errors import InputError


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"held_out": "actors"}, "held_out is 'actors'; it must be one of scenes, voices"),
        ({"dev_minutes": 0}, "dev_minutes is 0"),
        ({"test_minutes": 100}, "test_minutes is 100"),
    ],
)
def test_settings_that_cannot_be(field, message):
    with pytest.raises(InputError, match=message):
        SpokenGames(**field)


def job_id(corpus):
    return corpus.directory().creator.job_id()


def test_where_packages_lie_does_not_matter_but_what_is_made_of_them(debs, monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    fetched = job_id(SpokenGames())
    assert job_id(SpokenGames(debs=str(debs))) == fetched
    monkeypatch.setenv(FOLDER_VARIABLE, str(debs))
    assert job_id(SpokenGames()) == fetched
    assert SpokenGames(seed=9).directory().creator.config.debs == str(debs)  # tasks do not see the environment
    for other in ({"held_out": "voices"}, {"seed": 2}, {"left_out": ("drascula/1",)}, {"test_minutes": 10.0}):
        assert job_id(SpokenGames(**other)) != fetched


def test_a_folder_without_the_packages_is_told_while_the_graph_is_built(tmp_path):
    with pytest.raises(InputError, match=r"no drascula_\*.deb there"):
        SpokenGames(debs=str(tmp_path)).prepare()


def test_hours_add_up():
    corpus = SpokenGames(dev_minutes=30.0)
    assert corpus.hours("dev") == 0.5
    assert sum(corpus.hours(part) for part in corpus.parts) == pytest.approx(SpokenGames().hours("train") + 5 / 6)
    assert "61 MB" in SpokenGames().plan_notes()[0] or "62 MB" in SpokenGames().plan_notes()[0]


@pytest.mark.skipif(
    not os.environ.get("SPOKEN_GAMES_DEBS"), reason="SPOKEN_GAMES_DEBS names no folder with the packages"
)
def test_the_real_packages_give_the_documented_counts(tmp_path):
    """Slow: unpacks 60 MB. Run it where the packages are, after a change of the rules."""
    from collections import Counter

    from recipe.corpus.spoken_games import amazon_queen, drascula
    from recipe.corpus.spoken_games.debian import given_file, unpack
    from recipe.corpus.spoken_games.write import checked_utterances, correlation

    found = {}
    for package, game in ((config.DRASCULA, drascula), (config.AMAZON_QUEEN, amazon_queen)):
        unpack(given_file(package, os.environ["SPOKEN_GAMES_DEBS"]), package, tmp_path)
        counts = Counter()
        kept = checked_utterances(game.clips(tmp_path), (), counts)
        found[game.GAME] = (counts["clips"], counts["kept"])
        assert correlation(kept) > 0.84
    assert found == {"drascula": (742, 722), "amazon_queen": (6587, 6262)}
