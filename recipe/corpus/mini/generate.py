"""Write the generated corpus in the layout of TED-LIUM release 2. Every file depends on the config alone."""

import hashlib
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from recipe.corpus.mini.config import MiniCorpusConfig
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.mini.sound import SAMPLE_RATE_HZ, coloured_noise, resample, scale_to_power, to_pcm16
from recipe.corpus.mini.speech import SYNTHESIS_RATE_HZ, Synthesiser, load_library
from recipe.corpus.mini.talks import Talk
from recipe.corpus.mini.texts import draw_sentence
from recipe.corpus.text_rule import split_apostrophes
from recipe.files import open_text, written_aside

_UTTERANCE_S = (2.0, 9.0)
_GAP_S = (0.3, 0.8)


def _draw_text(talk: Talk, topic: str, config: MiniCorpusConfig, draw: random.Random) -> list[str]:
    """The sentences of an utterance."""
    if talk.part == config.parts.train and draw.random() < config.coinage_share:
        return [draw_sentence(talk.part, config.seed, topic, draw, "coined_sentence")]
    sentences = []
    for _ in range(draw.choice(config.sentences_per_utterance)):
        if draw.random() < 0.25:  # speakers stray from their topic
            topic = draw.choice(load_grammar().topics)
        sentences.append(draw_sentence(talk.part, config.seed, topic, draw, config.sentence_rule))
    return sentences


def _utterances(talk: Talk, config: MiniCorpusConfig, draw: random.Random, tilt_db: float):
    """Yield (start in samples, speech, text) until the talk's time is used up."""
    synthesiser = Synthesiser(talk.speaker, seed=draw.getrandbits(31))
    topic = draw.choice(load_grammar().topics)
    position = 0
    while True:
        sentences = _draw_text(talk, topic, config, draw)
        words_per_minute = talk.speaker.words_per_minute + draw.randint(-8, 8)
        dry = synthesiser.say(", ".join(sentences), words_per_minute)
        speech = resample(dry, SYNTHESIS_RATE_HZ, talk.speaker.scale, tilt_db)
        if not _UTTERANCE_S[0] <= len(speech) / SAMPLE_RATE_HZ <= _UTTERANCE_S[1]:
            continue
        position += round(draw.uniform(*_GAP_S) * SAMPLE_RATE_HZ)
        yield position, speech, " ".join(sentences)
        position += len(speech)
        if position + _UTTERANCE_S[0] * SAMPLE_RATE_HZ >= talk.seconds * SAMPLE_RATE_HZ:
            return


def _stm_lines(talk: Talk, utterances: Sequence[tuple[float, float, str]], draw: random.Random) -> list[str]:
    """STM with the variation of release 2: short or full gender tags or none, contractions split in some talks."""
    gender = "F" if talk.speaker.female else "M"
    full = "<o,f0,female>" if talk.speaker.female else "<o,f0,male>"
    tag = draw.choice((f"<F0_{gender}>", full, "<NA>"))
    written = split_apostrophes if draw.random() < 0.2 else str
    lines, previous_end_s = [], 0.0
    for start_s, end_s, text in utterances:
        if start_s - previous_end_s > 0.5:
            lines.append(
                f"{talk.name} 1 inter_segment_gap {previous_end_s:.2f} {start_s:.2f} <o,,unknown> "
                "ignore_time_segment_in_scoring"
            )
        lines.append(f"{talk.name} 1 {talk.speaker.name} {start_s:.2f} {end_s:.2f} {tag} {written(text)}")
        previous_end_s = end_s
    return lines


def write_talk(root: Path, talk: Talk, config: MiniCorpusConfig) -> None:
    """Write `sph/<talk>.sph` and `stm/<talk>.stm` of one talk. Must run in a fresh process (see speech.py)."""
    import soundfile

    seed = hashlib.sha256(f"{config.seed}/{talk.name}".encode()).digest()
    draw = random.Random(seed)
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(seed[:16], "little")))
    tilt_db = draw.uniform(-config.channel_tilt_db, config.channel_tilt_db)
    utterances = list(_utterances(talk, config, draw, tilt_db))
    last_start, last_speech, _ = utterances[-1]
    signal = np.zeros(last_start + len(last_speech) + round(draw.uniform(*_GAP_S) * SAMPLE_RATE_HZ))
    level_dbfs = draw.uniform(*config.level_dbfs)
    for start, speech, _ in utterances:
        signal[start : start + len(speech)] = scale_to_power(speech, level_dbfs)
    noise = coloured_noise(len(signal), draw.uniform(0.0, 1.2), generator)
    signal += scale_to_power(noise, level_dbfs - draw.uniform(*config.snr_db))

    with written_aside(root / talk.part / "sph" / f"{talk.name}.sph") as path:
        soundfile.write(path, to_pcm16(signal), SAMPLE_RATE_HZ, format="NIST", subtype="PCM_16", endian="LITTLE")
    timed = [
        (start / SAMPLE_RATE_HZ, (start + len(speech)) / SAMPLE_RATE_HZ, text) for start, speech, text in utterances
    ]
    with open_text(root / talk.part / "stm" / f"{talk.name}.stm", "wt") as file:
        file.writelines(f"{line}\n" for line in _stm_lines(talk, timed, draw))


def write_talks(root: Path, talks: Sequence[Talk], config: MiniCorpusConfig) -> None:
    """Write the talks that do not exist yet, each in its own process (see speech.py)."""
    import soundfile  # noqa: F401  loaded once, shared by the forked children

    load_library()
    for talk in talks:
        for kind in ("sph", "stm"):
            (root / talk.part / kind).mkdir(parents=True, exist_ok=True)
        if (root / talk.part / "stm" / f"{talk.name}.stm").exists():  # written after the sound
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
            process.submit(write_talk, root, talk, config).result()
