"""Config: the tiny graph, and with its artefacts a job of every class that it does not use."""

import json
import os
from dataclasses import replace
from pathlib import Path

import soundfile

from config import tiny as tiny_graph
from memristor_sim.hardware import physical
from recipe.corpus.config import CorpusCounts, PartCounts
from recipe.corpus.jobs import CheckCountsJob, DownloadCorpusJob, SampleSegmentsJob
from recipe.corpus.kaldi import KaldiCorpus
from recipe.corpus.remote import RemoteArchive, RemoteFile
from recipe.corpus.remote_jobs import DownloadArchiveJob, DownloadFileJob, JoinFoldersJob
from recipe.corpus.source_jobs import CmudictJob
from recipe.corpus.tedlium import TedliumArchive
from recipe.graph.data import Data
from recipe.graph.experiment import Experiment
from recipe.hardware.calibration import AdcRanges, ColumnAffine, MatchedNorms
from recipe.hardware.jobs import WeightReadsJob
from recipe.hardware.weight_reads import Speech
from recipe.lexicon.graph import build_lexicon
from recipe.lexicon.jobs import TrainSentencePieceJob
from recipe.lexicon.labels import SentencePieceLabels
from recipe.lm.config import MixtureConfig, NgramConfig
from recipe.lm.given_jobs import LowerCaseArpaJob
from recipe.lm.graph import build_lm
from recipe.report.plot_jobs import LossesPlotJob
from recipe.scoring.jobs import BestOnDevJob
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Qat
from recipe.training.jobs import AverageCheckpointsJob
from setups.tiny import tiny

MIXTURE = MixtureConfig(
    texts=("europarl-v7-6pc", "news-18pc"), source=NgramConfig(order=3, discount_fallback=True), prune_threshold=1e-5
)


def py():
    setup = tiny()
    brief_training(setup)  # the first job of a class is the one that is killed
    tiny_graph.py()
    experiment = Experiment(setup)
    corpus_jobs(setup, experiment.data)
    language_model_jobs(setup)
    best_on_dev(experiment)
    of_device = [one for system in (Qat(3), Memristor(3, 1, physical())) for one in experiment.scores(system)]
    LossesPlotJob(of_device, setup.name)
    calibration = (AdcRanges(seconds=5), ColumnAffine(seconds=5), MatchedNorms(seconds=5))
    experiment.model(Memristor(3, 1, physical(), calibration=calibration))
    WeightReadsJob({"CTC": setup.model}, 8, physical(), Speech())
    AverageCheckpointsJob(2 * [experiment.training(Float()).out_checkpoint])


def brief_training(setup: Setup):
    """Three sub-epochs of a few steps: enough to be killed after the second, and to go on."""
    schedule = replace(setup.training.schedule, up=1, down=1, decay=1)
    brief = replace(setup.training, schedule=schedule, partitions=30, allow_unlearned=True)
    Experiment(replace(setup, training=brief)).training(Float())


def corpus_jobs(setup: Setup, data: Data):
    root, dev = setup.corpus.directory(), data.segments["dev"]
    counts = json.loads(Path(dev.creator.out_statistics.get_path()).read_text("utf-8"))
    dev_counts = PartCounts(part="dev", segments=counts["segments"], recordings=counts["recordings"])
    expected = CorpusCounts(parts=(dev_counts,))
    CheckCountsJob(root, dev, "dev", expected)
    SampleSegmentsJob(dev, 2)
    TrainSentencePieceJob(data.segments["train"].creator.out_text, SentencePieceLabels(size=60))
    url, size, digest = os.environ["ARCHIVE"].split()
    DownloadCorpusJob(TedliumArchive(urls=(url,), size_bytes=int(size), sha256=digest, unpacked_bytes=int(size)))
    file = RemoteFile(name="corpus.tar.gz", urls=(url,), size_bytes=int(size), sha256=digest)
    DownloadFileJob(file)
    archive = DownloadArchiveJob(RemoteArchive(file=file, folder="train", unpacked_bytes=int(size)))
    JoinFoldersJob([archive.out_root])
    own = own_recordings(Path("own recordings").absolute())
    KaldiCorpus(root=str(own), identity="own").prepare()  # its segments, its dictionary
    CmudictJob()


def own_recordings(folder: Path) -> Path:
    """A Kaldi data directory, made by the first process that builds this graph."""
    if not folder.exists():
        scratch = folder.with_name(f"own recordings {os.getpid()}")
        scratch.mkdir()
        names = [f"s{number}" for number in range(5)]
        for name in names:
            soundfile.write(scratch / f"{name}.flac", [0.0, 0.1] * 8000, 16_000)
        for table, value in (("wav.scp", "{}.flac"), ("text", "WE KNOW"), ("utt2spk", "{}")):
            (scratch / table).write_text("".join(f"{name} {value.format(name)}\n" for name in names))
        (scratch / "lexicon.txt").write_text("WE W IY1\nKNOW N OW1\n")
        os.replace(scratch, folder)
    return folder


def language_model_jobs(setup: Setup):
    corpus = setup.corpus.prepare()
    build_lm(MIXTURE, corpus, build_lexicon(corpus, setup.labels).vocabulary, setup.resources.language_model)
    given = build_lm(setup.lm, corpus, build_lexicon(corpus, setup.labels).vocabulary, setup.resources.language_model)
    LowerCaseArpaJob(given.binary.creator.arpa)


def best_on_dev(experiment: Experiment):
    dev = [scored for scored in experiment.scores(Qat(3)) if scored.part == "dev"]
    BestOnDevJob(
        names=["one", "the same"],
        dev_scores=[scored.score for scored in dev * 2],
        scores=[scored.score for scored in dev * 2],
        utterances=[scored.utterances for scored in dev * 2],
        lm_scales=[scored.lm_scale for scored in dev * 2],
        prior_scales=[scored.prior_scale for scored in dev * 2],
    )
