"""The generated corpus as a value: how much speech of whom, in which noise, with how much text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.release2 import Release2Corpus
from recipe.errors import require
from recipe.identity import state_without

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

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
LM_FILES: dict[str, tuple[float, tuple[str, ...]]] = {
    "commoncrawl-9pc": (0.30, ()),
    "europarl-v7-6pc": (0.10, ("justice", "money")),
    "giga-fren-4pc": (0.15, ("health", "energy", "justice")),
    "news-18pc": (0.20, ("money", "justice", "city", "health")),
    "news-commentary-v8-9pc": (0.05, ("money", "energy", "machine")),
    "yandex-1m-31pc": (0.20, ("machine", "music", "food", "school", "city")),
}
"""Share of the sentences and preferred topics of each LM text. They differ, so that a mixture can be weighted."""


@dataclass(frozen=True, kw_only=True)
class MiniCorpusConfig(Release2Corpus):
    """The generated corpus.

    No voice variant and no sentence of dev or test occurs in another part or in the texts for the language model.
    """

    is_generated: ClassVar[bool] = True
    """Nobody's voice: a page may hold recordings."""
    seed: int = 1
    """Decides everything that is drawn."""
    train_minutes: float = 40.0
    """Minutes of audio to train on."""
    dev_minutes: float = 20.0
    """Minutes of audio in dev."""
    test_minutes: float = 20.0
    """Minutes of audio in test."""
    num_train_speakers: int = 48
    """Speakers to train on; more than there are voice variants left share variants, with other accents."""
    num_dev_speakers: int = 10
    """Speakers of dev, each with its own voice variant."""
    num_test_speakers: int = 10
    """Speakers of test, each with its own voice variant."""
    talk_minutes: float = 1.0
    """A speaker's share is divided into talks of about this length, each with its own noise."""
    snr_db: tuple[float, float] = (8.0, 25.0)
    """Range of the signal-to-noise ratio, drawn per talk."""
    level_dbfs: tuple[float, float] = (-32.0, -22.0)
    """Range of the speech level relative to full scale, drawn per talk."""
    words_per_minute: tuple[int, int] = (135, 185)
    """Range of the speaking rate, drawn per speaker."""
    sentence_rule: str = "sentence"
    """The rule of grammar.txt that sentences are drawn from; `small_sentence` makes a task of some forty words."""
    sentences_per_utterance: tuple[int, ...] = (1,)
    """Drawn per utterance. With short utterances CTC finds its first alignments within a few hundred updates."""
    voice_scale: float = 0.08
    """Voices are stretched by up to this share: pitch and formants move together, as in a longer vocal tract."""
    channel_tilt_db: float = 2.0
    """Largest slope of a talk's microphone, in dB per octave."""
    accents: tuple[str, ...] = ACCENTS
    """espeak-ng's names of the accents."""
    female_variants: tuple[str, ...] = tuple(FEMALE_VARIANTS)
    """espeak-ng's names of the female voice variants."""
    male_variants: tuple[str, ...] = tuple(MALE_VARIANTS)
    """espeak-ng's names of the male voice variants."""
    lm_sentences: int = 40_000
    """Sentences in all LM texts together."""
    coinage_share: float = 0.03
    """Share of training sentences with a word that is not in the dictionary."""
    extra_dictionary_words: int = 2_500
    """Dictionary entries beyond the words of the corpus, as competitors in search and to train G2P on."""

    def __post_init__(self):
        for part in self.parts:
            minutes, speakers = self.minutes(part), self.num_speakers(part)
            require(minutes > 0, f"{part}_minutes is {minutes}; it must be above 0")
            require(speakers >= 1, f"num_{part}_speakers is {speakers}; it must be at least 1")
        variants = self.female_variants + self.male_variants
        held_out = self.num_dev_speakers + self.num_test_speakers
        require(
            held_out < len(variants),
            f"num_dev_speakers + num_test_speakers is {held_out}, but only {len(variants)} voice variants are given "
            "and training needs at least one of its own; lower the numbers or add variants",
        )
        for name in ("snr_db", "level_dbfs", "words_per_minute"):
            low, high = getattr(self, name)
            require(low <= high, f"{name} is ({low}, {high}); give the lower bound first")
        require(
            bool(self.sentences_per_utterance) and min(self.sentences_per_utterance) >= 1,
            f"sentences_per_utterance is {self.sentences_per_utterance}; give numbers of at least 1",
        )
        rules = load_grammar().rules
        require(
            self.sentence_rule in rules,
            f"sentence_rule is {self.sentence_rule!r}, which grammar.txt does not have; give one of its symbols, "
            "sentence or small_sentence for example",
        )
        require(self.talk_minutes > 0, f"talk_minutes is {self.talk_minutes}; it must be above 0")
        require(0 <= self.voice_scale < 0.5, f"voice_scale is {self.voice_scale}; it must lie in 0 .. 0.5")
        require(0 <= self.coinage_share < 1, f"coinage_share is {self.coinage_share}; it must lie in 0 .. 1")
        require(self.lm_sentences >= 100, f"lm_sentences is {self.lm_sentences}; it must be at least 100")

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: the settings that decide what is generated."""
        later_jobs = ("padding", "stm_rules", "expected")
        state = state_without(self, sentence_rule="sentence")
        return {name: value for name, value in state.items() if name not in later_jobs}

    def minutes(self, part: str) -> float:
        """Minutes of audio in a part."""
        return getattr(self, f"{part}_minutes")

    def num_speakers(self, part: str) -> int:
        """Speakers of a part."""
        return getattr(self, f"num_{part}_speakers")

    def hours(self, part: str) -> float:
        """Hours of audio in a part."""
        return self.minutes(part) / 60

    def directory(self) -> tk.Path:
        """What the generator writes."""
        from recipe.corpus.jobs import GenerateMiniCorpusJob

        return GenerateMiniCorpusJob(self).out_root

    def lm_text_names(self) -> tuple[str, ...]:
        """The same names as in release 2."""
        return tuple(LM_FILES)


def tiny_corpus(seed: int = 1) -> MiniCorpusConfig:
    """A corpus for tests: half an hour of noisy speech to learn short sentences of some forty words from."""
    return MiniCorpusConfig(
        seed=seed,
        train_minutes=30.0,
        dev_minutes=3.0,
        test_minutes=3.0,
        num_train_speakers=30,
        num_dev_speakers=3,
        num_test_speakers=3,
        snr_db=(3.0, 13.0),
        words_per_minute=(140, 175),
        sentence_rule="small_sentence",
        voice_scale=0.06,
        accents=("en-us", "en", "en-gb-x-rp", "en-us-nyc"),
        lm_sentences=4_000,
        coinage_share=0.03,
        extra_dictionary_words=300,
    )
