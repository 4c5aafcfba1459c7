"""What every corpus value offers, and which values are refused."""

from dataclasses import replace

import pytest
from sisyphus import tk

from recipe.corpus.config import StmRules
from recipe.corpus.kaldi import KaldiCorpus
from recipe.corpus.librispeech import MiniLibriSpeech
from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.protocol import LmTexts, Parts, PreparedCorpus, PreparedPart
from recipe.corpus.spoken_games.config import SpokenGames
from recipe.corpus.tedlium import LM_TEXTS, TedliumArchive, TedliumDirectory
from recipe.corpus.tedlium1 import TedliumRelease1
from recipe.corpus.tedlium3 import TedliumRelease3
from recipe.errors import InputError
from tests.recipe.corpus.stand_ins import kaldi_set

ROLES = {"train": "training", "dev": "dev-clean", "tests": ("test-clean", "test-other")}


def test_roles():
    parts = Parts(**ROLES)
    assert parts.evaluated == ("dev-clean", "test-clean", "test-other")
    assert tuple(parts) == ("training", *parts.evaluated)
    assert hash(Parts(**ROLES | {"tests": ["test-clean", "test-other"]})) == hash(parts)  # a list will do


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"train": ""}, "no train part; give Parts.train"),
        ({"dev": ""}, "no dev part; give Parts.dev, the part that search scales are tuned on"),
        ({"tests": ()}, "no test part; give at least one name in Parts.tests"),
        ({"tests": "test"}, "tests is 'test'; give a tuple of names"),
        ({"tests": ("test-clean", "")}, "a part is named ''; give a name without '/'"),
        ({"tests": ("test/clean",)}, "a part is named 'test/clean'; give a name without '/'"),
        ({"dev": "dev clean"}, "a part is named 'dev clean'; .* white space"),
        ({"dev": "training"}, "'training' is named twice; a part has one role"),
        ({"tests": ("test-clean", "test-clean")}, "'test-clean' is named twice"),
    ],
)
def test_roles_that_cannot_be(roles, message):
    with pytest.raises(InputError, match=message):
        Parts(**ROLES | roles)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_left_out_is_named(role):
    with pytest.raises(InputError, match=f"no {role.removesuffix('s')} part"):
        Parts(**{name: part for name, part in ROLES.items() if name != role})


def part(name):
    return PreparedPart(segments=tk.Path(f"/{name}.xml"), text=tk.Path(f"/{name}.txt"), statistics=tk.Path("/s.json"))


@pytest.mark.parametrize("names", [("training", "dev-clean", "test-clean"), (*Parts(**ROLES), "test-2")])
def test_a_corpus_prepares_the_parts_that_it_names(names):
    with pytest.raises(InputError, match="prepares the parts training, dev-clean, .* prepare exactly those"):
        PreparedCorpus(
            roles=Parts(**ROLES),
            parts={name: part(name) for name in names},
            root=tk.Path("/"),
            dictionary=tk.Path("/words.dic"),
            lm_texts=LmTexts(all=(), by_name={}),
        )


def test_texts_are_chosen_by_name_in_the_order_asked_for():
    texts = LmTexts(all=(), by_name={name: tk.Path(f"/{name}.gz") for name in ("books", "news", "web")})
    assert list(texts.named(("web", "books"))) == ["web", "books"]
    assert list(texts.named(None)) == ["books", "news", "web"]
    with pytest.raises(InputError, match="no LM texts"):
        LmTexts(all=(tk.Path("/all.gz"),), by_name={}).named(None)


@pytest.fixture(
    params=[
        "generated",
        "games",
        "archive",
        "directory",
        "release 1",
        "release 3",
        "mini LibriSpeech",
        "Kaldi directory",
    ]
)
def value(request, corpus, tmp_path):
    """A factory of equal corpus values of each kind."""
    if request.param == "Kaldi directory":
        kaldi_set(tmp_path / "own", [f"s{number}" for number in range(4)])
    return {
        "generated": lambda: tiny_corpus(seed=3),
        "games": lambda: SpokenGames(held_out="voices"),
        "archive": lambda: TedliumArchive(size_bytes=10**9),
        "directory": lambda: TedliumDirectory(root=str(corpus), identity="release 2"),
        "release 1": TedliumRelease1,
        "release 3": lambda: TedliumRelease3(distribution="speaker-adaptation"),
        "mini LibriSpeech": MiniLibriSpeech,
        "Kaldi directory": lambda: KaldiCorpus(root=str(tmp_path / "own")),
    }[request.param]


def test_every_value_offers_what_a_graph_needs(value):
    corpus = value()
    prepared = corpus.prepare()
    assert set(prepared.parts) == set(corpus.parts) == {"train", "dev", "test"}
    assert all(corpus.hours(name) > 0 for name in corpus.parts)
    assert all(isinstance(line, str) for line in corpus.plan_notes())
    assert prepared.train is prepared.parts["train"] and list(prepared.evaluated) == ["dev", "test"]
    assert prepared.lm_texts.by_name.keys() <= {*LM_TEXTS, "news", "fortunes"}


def test_equal_values_make_equal_jobs(value):
    assert ids(value().prepare()) == ids(value().prepare())


def ids(prepared):
    return {name: part.segments.creator.job_id() for name, part in prepared.parts.items()}


def test_counts_stand_between_the_segments_and_their_users(corpus):
    prepared = TedliumArchive().prepare()
    assert {type(part.segments.creator).__name__ for part in prepared.parts.values()} == {"CheckCountsJob"}
    unchecked = TedliumDirectory(root=str(corpus)).prepare()
    assert {type(part.segments.creator).__name__ for part in unchecked.parts.values()} == {"SegmentCorpusJob"}


def test_only_training_segments_are_padded(value):
    corpus = value()
    jobs = {name: part.text.creator for name, part in corpus.prepare().parts.items()}
    paddings = [getattr(jobs[name], "padding", None) for name in corpus.parts]
    assert paddings == [getattr(corpus, "padding", None), None, None]


def test_rules_of_later_jobs_generate_no_new_corpus():
    plain, edited = tiny_corpus(), replace(tiny_corpus(), stm_rules=StmRules(drop_markers=True))
    assert plain.directory() == edited.directory()
    assert ids(plain.prepare()) != ids(edited.prepare())
