"""What is published of LibriSpeech (OpenSLR 12), its language models (11) and mini LibriSpeech (31).

Sizes and SHA-256 of the archives: TensorFlow Datasets (url_checksums/librispeech.txt); torchaudio 2.11 records the
same digests. Sizes of resource 11: Kaldi (egs/librispeech/s5/local/download_lm.sh); OpenSLR publishes no digests of it.
Size and digest of the LM text: Hugging Face Datasets (librispeech_lm/dataset_infos.json). Mini: sizes from Kaldi
(egs/mini_librispeech/s5/local/download_and_untar.sh), MD5 from OpenSLR's md5sum.txt. Utterances: dataset card of
openslr/librispeech_asr. Hours: table 1 of "LibriSpeech: an ASR corpus based on public domain audio books" (ICASSP
2015).
"""

from recipe.corpus.remote import RemoteArchive, RemoteFile, openslr

TRAIN_960 = ("train-clean-100", "train-clean-360", "train-other-500")
"""All training subsets."""
EVALUATED = ("dev-clean", "dev-other", "test-clean", "test-other")
"""The subsets to evaluate on."""
UTTERANCES = {
    "train-clean-100": 28_539,
    "train-clean-360": 104_014,
    "train-other-500": 148_688,
    "dev-clean": 2_703,
    "dev-other": 2_864,
    "test-clean": 2_620,
    "test-other": 2_939,
}
"""Utterances of each subset; each is a recording of its own."""
HOURS = {
    "train-clean-100": 100.6,
    "train-clean-360": 363.6,
    "train-other-500": 496.7,
    "dev-clean": 5.4,
    "dev-other": 5.3,
    "test-clean": 5.4,
    "test-other": 5.1,
}
"""Hours of audio of each subset."""
MINI_HOURS = {"train-clean-5": 5.0, "dev-clean-2": 2.0}
"""Hours of audio of mini LibriSpeech, by the names of its subsets; no counts are published."""


def _archive(resource: int, subset: str, size_bytes: int, **digest: str) -> RemoteArchive:
    file = openslr(resource, f"{subset}.tar.gz", size_bytes, **digest)
    return RemoteArchive(file=file, folder=subset, unpacked_bytes=round(1.05 * size_bytes))  # FLAC hardly shrinks


ARCHIVES = {
    "train-clean-100": _archive(
        12,
        "train-clean-100",
        6_387_309_499,
        sha256="d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
    ),
    "train-clean-360": _archive(
        12,
        "train-clean-360",
        23_049_477_885,
        sha256="146a56496217e96c14334a160df97fffedd6e0a04e66b9c5af0d40be3c792ecf",
    ),
    "train-other-500": _archive(
        12,
        "train-other-500",
        30_593_501_606,
        sha256="ddb22f27f96ec163645d53215559df6aa36515f26e01dd70798188350adcb6d2",
    ),
    "dev-clean": _archive(
        12, "dev-clean", 337_926_286, sha256="76f87d090650617fca0cac8f88b9416e0ebf80350acb97b343a85fa903728ab3"
    ),
    "dev-other": _archive(
        12, "dev-other", 314_305_928, sha256="12661c48e8c3fe1de2c1caa4c3e135193bfb1811584f11f569dd12645aa84365"
    ),
    "test-clean": _archive(
        12, "test-clean", 346_663_984, sha256="39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23"
    ),
    "test-other": _archive(
        12, "test-other", 328_757_843, sha256="d09c181bba5cf717b3dee7d4d592af11a3ee3a09e08ae025c5506f6ebe961c29"
    ),
    "train-clean-5": _archive(31, "train-clean-5", 332_954_390, md5="5df7d4e78065366204ca6845bb08f490"),
    "dev-clean-2": _archive(31, "dev-clean-2", 126_046_265, md5="6d7ab67ac6a1d2c993d050e16d61080d"),
}
"""The archive of each subset, of LibriSpeech and of mini LibriSpeech."""

LEXICON = openslr(11, "librispeech-lexicon.txt", 5_627_653)
"""Pronunciations of the 200,000 words of its language models, upper case, with stress."""
LM_TEXT = openslr(
    11,
    "librispeech-lm-norm.txt.gz",
    1_507_274_412,
    sha256="927d47656638c2ca93566640e56bcbeb2aa4ca237b8490fe1eff7d6e610a53c7",
)
"""The normalised text of 14,500 books, 40 million lines, upper case."""
LANGUAGE_MODELS: dict[str, RemoteFile] = {
    name: openslr(11, f"{name}.arpa.gz", size_bytes)
    for name, size_bytes in (
        ("3-gram", 759_636_181),
        ("3-gram.pruned.1e-7", 34_094_057),
        ("3-gram.pruned.3e-7", 13_654_242),
        ("4-gram", 1_355_172_078),
    )
}
"""Its language models, upper case."""
