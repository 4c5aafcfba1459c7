"""The speakers and talks of the generated corpus, drawn from the seed alone before any audio is made."""

import random
from dataclasses import dataclass

from recipe.corpus.mini.config import MiniCorpusConfig


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A synthetic voice."""

    name: str
    """As in transcripts and talk names."""
    voice: str
    """espeak-ng's name: accent+variant."""
    female: bool
    """Decides the tag in transcripts."""
    words_per_minute: int
    """Average speaking rate."""
    pitch: int
    """0 .. 100, in the unit of espeak-ng."""
    pitch_range: int
    """0 .. 100, in the unit of espeak-ng."""
    scale: float
    """Stretch of the audio in time: above 1 it is lower and slower."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One recording."""

    part: str
    """The part that it belongs to."""
    name: str
    """File name without suffix."""
    speaker: Speaker
    """Its only speaker."""
    seconds: float
    """Target length."""


def _draw_speaker(name: str, accent: str, variant: str, config: MiniCorpusConfig, draw: random.Random) -> Speaker:
    return Speaker(
        name=name,
        voice=f"{accent}+{variant}",
        female=variant in config.female_variants,
        words_per_minute=draw.randint(*config.words_per_minute),
        pitch=draw.randint(35, 65),
        pitch_range=draw.randint(30, 70),
        scale=1 + draw.uniform(-config.voice_scale, config.voice_scale),
    )


def draw_speakers(config: MiniCorpusConfig) -> dict[str, list[Speaker]]:
    """Speakers per part. Each speaker of dev and test has its own voice variant; training cycles through the rest."""
    draw = random.Random(f"{config.seed}/speakers")
    variants = [*config.female_variants, *config.male_variants]
    draw.shuffle(variants)
    pools = {}
    for part in config.parts.evaluated:
        pools[part], variants = variants[: config.num_speakers(part)], variants[config.num_speakers(part) :]
    pools[config.parts.train] = variants
    speakers = {}
    for part in config.parts:
        accents = list(config.accents)
        draw.shuffle(accents)
        pool = pools[part]
        speakers[part] = [
            _draw_speaker(
                f"{part.capitalize()}Speaker{index:03d}",
                # another accent in each round over the variants, so that pairs repeat as late as possible
                accents[(index + index // len(pool)) % len(accents)],
                pool[index % len(pool)],
                config,
                draw,
            )
            for index in range(config.num_speakers(part))
        ]
    return speakers


def draw_talks(config: MiniCorpusConfig) -> list[Talk]:
    """All talks of all parts; the minutes of a part are divided equally among its speakers."""
    talks = []
    for part, speakers in draw_speakers(config).items():
        seconds_each = 60 * config.minutes(part) / len(speakers)
        count = max(1, round(seconds_each / (60 * config.talk_minutes)))
        for speaker in speakers:
            for number in range(1, count + 1):
                name = f"{speaker.name}_{2000 + number}"
                talks.append(Talk(part=part, name=name, speaker=speaker, seconds=seconds_each / count))
    return talks
