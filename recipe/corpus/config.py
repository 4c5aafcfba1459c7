"""What a graph's speech comes from: a generated corpus, or a directory laid out like TED-LIUM release 2.

No module here imports torch or any audio library: a graph is built from these values alone.
"""

from dataclasses import dataclass

ACCENTS = ("en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-us-nyc", "en-029")
# espeak-ng's voice variants without its whispers, croaks, robots and other creatures.
FEMALE_VARIANTS = (
    "f1 f2 f3 f4 f5 Alicia Andrea Annie anika aunty belinda grandma linda shelby steph steph2 steph3 Diogo"
).split()
MALE_VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 m8 Alex Andy Denis Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike Reed adam "
    "announcer antonio benjamin boris caleb david ed edward edward2 gustave ian iven iven2 iven3 iven4 john max michel "
    "miguel mike2 norbert pablo paul pedro quincy rob robert sandro travis victor zac"
).split()
PARTS = ("train", "dev", "test")


def _check(condition: bool, message: str) -> None:
    if not condition:
        from recipe.errors import InputError

        raise InputError(message)


@dataclass(frozen=True, kw_only=True)
class MiniCorpusConfig:
    """The generated corpus: how much speech of whom, how noisy, with how much text for the language model.

    No voice variant and no sentence of dev or test occurs in another part or in the language model's texts.
    """

    seed: int = 1
    train_minutes: float = 40.0
    dev_minutes: float = 20.0
    test_minutes: float = 20.0
    num_train_speakers: int = 48
    num_dev_speakers: int = 10
    num_test_speakers: int = 10
    talk_minutes: float = 1.0
    """A speaker's share is cut in talks of about this length, each with its own noise."""
    snr_db: tuple[float, float] = (8.0, 25.0)
    """Range of the signal-to-noise ratio, drawn per talk."""
    level_dbfs: tuple[float, float] = (-32.0, -22.0)
    words_per_minute: tuple[int, int] = (135, 185)
    sentences_per_utterance: tuple[int, ...] = (1,)
    """Drawn per utterance. Short ones let CTC find its first alignments within a few hundred updates."""
    voice_scale: float = 0.08
    """Voices are stretched by up to this share: pitch and formants move together, as in a longer vocal tract."""
    channel_tilt_db: float = 2.0
    """Largest slope per octave of a talk's microphone."""
    accents: tuple[str, ...] = ACCENTS
    female_variants: tuple[str, ...] = tuple(FEMALE_VARIANTS)
    male_variants: tuple[str, ...] = tuple(MALE_VARIANTS)
    lm_sentences: int = 40_000
    """Sentences of all LM files together."""
    coinage_share: float = 0.03
    """Share of training sentences with a word that the dictionary lacks."""
    extra_dictionary_words: int = 2_500
    """Dictionary entries beyond the corpus' own words, as competition and to train G2P on."""

    def __post_init__(self):
        for part in PARTS:
            minutes, speakers = self.minutes(part), self.num_speakers(part)
            _check(minutes > 0, f"{part}_minutes is {minutes}; it must be above 0")
            _check(speakers >= 1, f"num_{part}_speakers is {speakers}; it must be at least 1")
        variants = self.female_variants + self.male_variants
        held_out = self.num_dev_speakers + self.num_test_speakers
        _check(
            held_out < len(variants),
            f"num_dev_speakers + num_test_speakers is {held_out}, but only {len(variants)} voice variants are given "
            "and training needs at least one of its own; lower the numbers or add variants",
        )
        for name in ("snr_db", "level_dbfs", "words_per_minute"):
            low, high = getattr(self, name)
            _check(low <= high, f"{name} is ({low}, {high}); give the lower bound first")
        _check(
            bool(self.sentences_per_utterance) and min(self.sentences_per_utterance) >= 1,
            f"sentences_per_utterance is {self.sentences_per_utterance}; give numbers of at least 1",
        )
        _check(self.talk_minutes > 0, f"talk_minutes is {self.talk_minutes}; it must be above 0")
        _check(0 <= self.voice_scale < 0.5, f"voice_scale is {self.voice_scale}; it must lie in 0 .. 0.5")
        _check(0 <= self.coinage_share < 1, f"coinage_share is {self.coinage_share}; it must lie in 0 .. 1")
        _check(self.lm_sentences >= 100, f"lm_sentences is {self.lm_sentences}; it must be at least 100")

    def minutes(self, part: str) -> float:
        return getattr(self, f"{part}_minutes")

    def hours(self, part: str) -> float:
        """Of audio in a part."""
        return self.minutes(part) / 60

    def plan_notes(self) -> list[str]:
        """What a plan says besides its jobs."""
        return []

    def num_speakers(self, part: str) -> int:
        return getattr(self, f"num_{part}_speakers")


def tiny_corpus(seed: int = 1) -> MiniCorpusConfig:
    """A corpus for tests: about two minutes of speech in all."""
    return MiniCorpusConfig(
        seed=seed,
        train_minutes=1.5,
        dev_minutes=0.5,
        test_minutes=0.5,
        num_train_speakers=4,
        num_dev_speakers=2,
        num_test_speakers=2,
        talk_minutes=0.25,
        lm_sentences=2_000,
        coinage_share=0.15,
        extra_dictionary_words=300,
    )


@dataclass(frozen=True, kw_only=True)
class CorpusCounts:
    """How many segments and recordings each part must have."""

    segments: tuple[int, int, int]
    """Of train, dev, test, as the transcripts' rules leave them."""
    recordings: tuple[int, int, int]
    talks: str | None = None
    """Files `talks.tsv` as CheckCountsJob writes them, a folder per part, from a copy known to be whole: then every
    talk that differs is named. Per talk no count is published, so without it only those that look cut off are."""

    def __sis_state__(self) -> dict:
        """What the job hash sees: the counts, not where a list of them lies."""
        return {"segments": self.segments, "recordings": self.recordings}

    def of(self, part: str) -> tuple[int, int]:
        """(segments, recordings) of a part."""
        index = PARTS.index(part)
        return self.segments[index], self.recordings[index]


PUBLISHED_COUNTS = CorpusCounts(segments=(92_973, 507, 1_155), recordings=(1_495, 8, 11))
"""Release 2 without its ignored stretches of speech. A public parser that kept them counts 1,157 in test."""

PUBLISHED_HOURS = {"train": 212.07, "dev": 1.60, "test": 2.62}
"""Of audio in the segments of release 2, those of train with their padding (docs/paper.md, Corpus)."""


@dataclass(frozen=True, kw_only=True)
class TedliumDirectory:
    """An existing directory laid out like TED-LIUM release 2.

    `identity` names its content in job hashes: with it, the directory may move without any job running again.
    With `expected`, any other number of segments or recordings is an error.
    """

    root: str
    identity: str | None = None
    expected: CorpusCounts | None = None

    def hours(self, part: str) -> float:
        """Of audio in a part, as published."""
        return PUBLISHED_HOURS[part]

    def plan_notes(self) -> list[str]:
        """What a plan says besides its jobs."""
        return []


@dataclass(frozen=True, kw_only=True)
class TedliumArchive:
    """The archive of TED-LIUM release 2 (OpenSLR resource 19) or another one with the same content, to be downloaded.

    Size and digest are those that TensorFlow Datasets records; torchaudio records the same digest.
    """

    urls: tuple[str, ...] = tuple(
        f"https://{host}/resources/19/TEDLIUM_release2.tar.gz"
        for host in ("www.openslr.org", "us.openslr.org", "openslr.elda.org")
    )
    """Tried in order; each must offer the same file."""
    size_bytes: int = 36_791_529_840
    sha256: str | None = "93281b5fcaaae5c88671c9d000b443cb3c7ea3499ad12010b3934ca41a7b9c58"
    """None checks the size alone."""
    unpacked_bytes: int = 48_000_000_000
    """Estimate, for the look at the disk before anything is downloaded (speech shrinks little in gzip)."""
    expected: CorpusCounts | None = PUBLISHED_COUNTS

    def __post_init__(self):
        _check(bool(self.urls), "TedliumArchive.urls is empty; give at least one address of the archive")
        for url in self.urls:
            known = url.startswith(("https://", "http://"))
            _check(known, f"TedliumArchive.urls holds {url!r}; give addresses that begin with https:// or http://")
        _check(self.size_bytes > 0, f"TedliumArchive.size_bytes is {self.size_bytes}; it must be above 0")
        digits = self.sha256 is None or (len(self.sha256) == 64 and set(self.sha256) <= set("0123456789abcdef"))
        _check(digits, f"TedliumArchive.sha256 is {self.sha256!r}; give 64 hexadecimal digits in lower case, or None")

    def __sis_state__(self) -> dict:
        """What the job hash sees: the content, wherever it comes from."""
        if self.sha256 is not None:
            return {"sha256": self.sha256}
        return {"urls": self.urls, "size_bytes": self.size_bytes}

    def hours(self, part: str) -> float:
        """Of audio in a part, as published."""
        return PUBLISHED_HOURS[part]

    def plan_notes(self) -> list[str]:
        """How much is downloaded from where."""
        return [
            f"To download: {self.size_bytes / 1e9:.1f} GB from {self.urls[0]}, unpacked about "
            f"{self.unpacked_bytes / 1e9:.0f} GB; or set TEDLIUM_ROOT to a directory that holds the corpus."
        ]


@dataclass(frozen=True, kw_only=True)
class AudioStorage:
    """How recordings are kept for feature extraction, a file per talk: without loss, or nearly as published.

    Published is Ogg/Vorbis at ffmpeg's default quality (3 of 10), each segment encoded alone; here the talk is.
    """

    codec: str = "flac"
    """`flac` or `vorbis`."""
    vorbis_quality: float = 0.3

    def __post_init__(self):
        known = ("flac", "vorbis")
        _check(self.codec in known, f"AudioStorage.codec is {self.codec!r}; it must be one of {', '.join(known)}")
        quality = self.vorbis_quality
        _check(0 <= quality <= 1, f"AudioStorage.vorbis_quality is {quality}; it must lie in 0 .. 1")

    @property
    def suffix(self) -> str:
        return ".flac" if self.codec == "flac" else ".ogg"


@dataclass(frozen=True, kw_only=True)
class SegmentPadding:
    """How far training segments grow into the silence around them (as the published recipe and Kaldi's)."""

    start_s: float = 0.15
    end_s: float = 0.10

    def __post_init__(self):
        _check(self.start_s >= 0 and self.end_s >= 0, "SegmentPadding must not be negative: it would cut speech off")


@dataclass(frozen=True, kw_only=True)
class StmRules:
    """Which edits the transcripts get (TED-LIUM release 2 as the paper's recipe reads it), and what may be left out."""

    drop_ignored: bool = True
    """Leave out lines marked `ignore_time_segment_in_scoring`."""
    rename_gender_tags: bool = True
    """`<F0_M>` -> `<o,f0,male>`, `<F0_F>` -> `<o,f0,female>`."""
    split_apostrophes: bool = True
    """don't -> don 't: scoring counts both tokens."""
    mend_typos: bool = True
    """The two known run-together words of release 2."""
    drop_markers: bool = False
    """Leave out what is no word: `{NOISE}`, `[laughter]`, `<sil>`, the `(2)` of `read(2)`. Release 1 holds such
    markers and scripts for release 2 still look for them; its texts are said to hold none."""
    max_unreadable_percent: float = 1.0
    """Of the recordings of train; up to so many are left out and counted. Of dev and test every one must be readable:
    their error rates would be of another test set."""

    def __post_init__(self):
        percent = self.max_unreadable_percent
        _check(0 <= percent < 100, f"StmRules.max_unreadable_percent is {percent}; it must lie in 0 .. 100")

    def __sis_state__(self) -> dict:
        """What the job hash sees: rules that came later only where they differ from what was before."""
        state = dict(vars(self))
        for name, value in {"drop_markers": False, "max_unreadable_percent": 1.0}.items():
            if state[name] == value:
                del state[name]
        return state


PUBLISHED_RULES = StmRules()
