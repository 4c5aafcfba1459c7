"""Which oddities of a corpus are told, and which stop a graph, as one value."""

from dataclasses import dataclass, fields

from recipe.errors import require


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Two shares in percent; a larger one warns, or stops the graph. None never does."""

    warn: float | None = 0.0
    """Above it, the finding is listed as a warning."""
    stop: float | None = None
    """Above it, nothing long starts."""

    def __post_init__(self) -> None:
        for name, percent in vars(self).items():
            valid = percent is None or 0 <= percent <= 100
            require(valid, f"Limit.{name} is {percent}; give a share of 0 to 100 percent, or None for no limit")


@dataclass(frozen=True, kw_only=True)
class CorpusLimits:
    """A limit for every finding of the corpus report; `CorpusLimits(leaked_sentences=Limit(stop=None))` changes one."""

    letter_case: Limit = Limit(warn=0.5, stop=5.0)
    """Words of transcripts or LM texts that the dictionary has in other letter case alone."""
    contractions: Limit = Limit(warn=5.0, stop=50.0)
    """Contractions of the transcripts that the dictionary has in the other form alone: don 't against don't."""
    lm_contractions: Limit = Limit(warn=10.0)
    """Contractions of an LM text in another form than in the transcripts."""
    unknown_words: Limit = Limit(warn=1.0, stop=15.0)
    """Words of dev or test that search cannot output."""
    unknown_lm_words: Limit = Limit(warn=1.0, stop=15.0)
    """Words of dev or test outside the vocabulary of the language model."""
    unseen_lm_words: Limit = Limit(warn=3.0, stop=50.0)
    """Words of dev or test that neither an LM text nor a training transcript holds."""
    lm_text_unknown_words: Limit = Limit(warn=20.0, stop=60.0)
    """Words of an LM text outside the vocabulary: they become the unknown word."""
    markers: Limit = Limit(stop=1.0)
    """Tokens of the transcripts that are no words: {NOISE}, [laughter], <unk>, (2), ++um++, %hes."""
    lm_markers: Limit = Limit()
    """The same in an LM text, where they become the unknown word."""
    foreign_letters: Limit = Limit(stop=0.5)
    """Words of the transcripts with a letter or digit that no dictionary word has; G2P skips it."""
    too_short_segments: Limit = Limit(stop=0.0)
    """Segments too short for one output frame of the model."""
    too_many_labels: Limit = Limit(stop=5.0)
    """Segments with fewer output frames than labels, repeated ones counted twice: their CTC loss is infinite."""
    repeated_segments: Limit = Limit(stop=5.0)
    """Segments with the text and the time of one before them in the same talk."""
    copied_segments: Limit = Limit(warn=0.5, stop=20.0)
    """Long segments with the text and the length of one of another talk of the part."""
    overlapping_segments: Limit = Limit(warn=1.0)
    """Segments that begin before an earlier one of their talk has ended."""
    ignored_lines: Limit = Limit(warn=75.0)
    """Lines of the transcripts that hold no segment: marked to be ignored, or without a word."""
    left_out_segments: Limit = Limit(stop=5.0)
    """Segments that were left out of training when the transcripts were read: too short, or there twice."""
    talks_without_segment: Limit = Limit(stop=20.0)
    """Talks with a transcript of which no segment is left."""
    speech_rate: Limit = Limit(warn=1.0, stop=20.0)
    """Segments with more than 8 words a second, or less than one in 4 s."""
    shared_speakers: Limit = Limit()
    """Speakers of dev or test that speak in another part as well."""
    leaked_sentences: Limit = Limit(warn=2.0, stop=10.0)
    """Sentences of dev or test, of six words or more, within another part or an LM text."""
    leaked_recordings: Limit = Limit(stop=0.0)
    """Recordings of dev or test whose sound is that of a recording of another part."""
    copied_recordings: Limit = Limit(stop=20.0)
    """Recordings whose sound is that of another one of the same part."""
    silent_recordings: Limit = Limit(stop=5.0)
    """Recordings in which nothing can be heard where their segments are."""
    noise_recordings: Limit = Limit(stop=5.0)
    """Recordings that do not sound like speech: steady noise or tones, samples in the wrong byte order."""
    quiet_recordings: Limit = Limit(warn=5.0)
    """Recordings whose level is below -50 dB of full scale."""
    clipped_recordings: Limit = Limit(warn=5.0)
    """Recordings with more than 1 % of their samples at full scale."""
    offset_recordings: Limit = Limit(warn=5.0)
    """Recordings whose mean is more than 5 % of full scale away from 0."""
    resampled_recordings: Limit = Limit()
    """Recordings of another rate than 16 kHz."""
    mixed_recordings: Limit = Limit()
    """Recordings with several channels."""
    misplaced_recordings: Limit = Limit()
    """Recordings that are hardly louder in their segments than between them, as those of another talk would be."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require(
                isinstance(value, Limit),
                f"CorpusLimits.{field.name} is {value!r}; give Limit(warn=..., stop=...) in percent",
            )
