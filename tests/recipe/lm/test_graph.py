"""What a language model adds to the graph, and what it may look at."""

from collections import Counter
from dataclasses import replace

import pytest
from sisyphus import tk

from recipe.corpus.protocol import LmTexts, Parts, PreparedCorpus, PreparedPart
from recipe.corpus.remote import RemoteFile
from recipe.corpus.text_rule import TextRule
from recipe.errors import InputError
from recipe.lm.config import GivenModel, MixtureConfig, NgramConfig
from recipe.lm.graph import build_lm
from recipe.lm.mixture_jobs import MixtureStep

ROLES = Parts(train="train", dev="dev", tests=("test",))
RQMT = {"cpu": 2, "mem": 64, "time": 3}


def prepared(part):
    path = tk.Path(f"/texts/{part}.txt")
    return PreparedPart(segments=path, text=path, statistics=path)


CORPUS = PreparedCorpus(
    roles=ROLES,
    parts={part: prepared(part) for part in ROLES},
    root=tk.Path("/corpus"),
    dictionary=tk.Path("/corpus/words.dic"),
    lm_texts=LmTexts(
        all=(tk.Path("/corpus/LM"),),
        by_name={name: tk.Path(f"/corpus/LM/{name}.en.gz") for name in ("books", "news", "web")},
    ),
)


def built(config):
    return build_lm(config, CORPUS, tk.Path("/lexicon.txt"), RQMT)


def behind(*paths):
    """All jobs and all given files that paths come from."""
    jobs, files, todo = set(), set(), list(paths)
    while todo:
        path = todo.pop()
        if path.creator is None:
            files.add(path.get_path())
        elif path.creator not in jobs:
            jobs.add(path.creator)
            todo.extend(path.creator._sis_inputs)
    return jobs, files


def kinds(jobs):
    return Counter(type(job).__name__ for job in jobs)


def test_one_model_is_three_jobs_on_the_folder_of_texts_and_the_transcripts():
    jobs, files = behind(built(NgramConfig()).binary)
    assert kinds(jobs) == {"LmTextJob": 1, "NgramJob": 1, "KenLmBinaryJob": 1}
    assert files == {"/corpus/LM", "/texts/train.txt", "/lexicon.txt"}


def test_a_mixture_is_of_a_model_per_text_one_of_the_transcripts_and_one_of_all():
    jobs, files = behind(built(MixtureConfig(texts=("news", "web"))).binary)
    steps = {"MixtureWeightsJob": 1, "MixtureJob": 1, "EntropyPruningJob": 1, "ArpaJob": 1, "KenLmBinaryJob": 1}
    assert kinds(jobs) == {"LmTextJob": 4, "SourceModelJob": 4} | steps
    assert files == {
        "/corpus/LM/news.en.gz",
        "/corpus/LM/web.en.gz",
        "/lexicon.txt",
        "/texts/train.txt",
        "/texts/dev.txt",
    }
    assert all(job.rqmt == RQMT for job in jobs if isinstance(job, MixtureStep))


def test_without_names_a_mixture_takes_all_texts():
    jobs, files = behind(built(MixtureConfig()).binary)
    assert kinds(jobs)["SourceModelJob"] == 5
    assert {f"/corpus/LM/{name}.en.gz" for name in ("books", "news", "web")} < files


def test_a_text_that_the_corpus_lacks_is_refused():
    with pytest.raises(InputError, match=r"no LM text 'radio' \(it has books, news, web\); name one of these"):
        built(MixtureConfig(texts=("news", "radio")))


def test_test_is_only_reported():
    model = built(MixtureConfig())
    assert "/texts/test.txt" not in behind(model.binary)[1]
    assert "/texts/test.txt" in behind(*model.reports.values())[1]


def test_without_a_threshold_nothing_is_pruned():
    jobs, _ = behind(built(MixtureConfig(prune_threshold=None)).binary)
    assert "EntropyPruningJob" not in kinds(jobs)


@pytest.mark.parametrize("change", [{"prune_threshold": 1e-8}, {"prune_threshold": None}])
def test_another_threshold_takes_the_same_mixture(change):
    def mixtures(config):
        return {job.job_id() for job in behind(built(config).binary)[0] if type(job).__name__ == "MixtureJob"}

    assert mixtures(MixtureConfig(**change)) == mixtures(MixtureConfig())


def test_the_report_is_of_the_sources_and_of_what_is_made_of_them():
    report = built(MixtureConfig()).reports["language_model.json"].creator
    assert list(report.models)[-3:] == ["all", "mixture", "pruned mixture"] and "transcripts" in report.models
    assert type(report.weights.creator).__name__ == "MixtureWeightsJob"
    assert report.models["mixture"].creator.weights == report.weights
    assert set(report.texts) == {"dev", "test"}


def test_a_published_model_is_brought_into_the_case_of_the_corpus():
    remote = RemoteFile(name="3-gram.arpa.gz", urls=("https://host/3-gram.arpa.gz",), size_bytes=1)
    models = {"3-gram": remote, "4-gram": tk.Path("/corpus/4-gram.arpa.gz")}
    plain = replace(CORPUS, language_models=models)
    lower = replace(plain, text_rule=TextRule(lower_case=True))

    def jobs(corpus, name):
        return kinds(behind(build_lm(GivenModel(name=name), corpus, tk.Path("/lexicon.txt"), RQMT).binary)[0])

    assert jobs(plain, "4-gram") == {"KenLmBinaryJob": 1}
    assert jobs(lower, "4-gram") == {"LowerCaseArpaJob": 1, "KenLmBinaryJob": 1}
    assert jobs(lower, "3-gram") == {"DownloadFileJob": 1, "LowerCaseArpaJob": 1, "KenLmBinaryJob": 1}


def test_a_published_model_that_the_corpus_does_not_have_is_refused():
    with pytest.raises(InputError, match=r"no language model '4-gram' \(it has none\); .* or use NgramConfig"):
        built(GivenModel(name="4-gram"))
