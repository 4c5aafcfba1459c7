"""From the unpacked games to a corpus in the layout of TED-LIUM release 2, with a report of what was left out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.corpus.layout import PARTS, SAMPLE_RATE_HZ
from recipe.corpus.spoken_games import amazon_queen, drascula
from recipe.corpus.spoken_games.check import MIN_SPEECH_S, length_fits, length_ratios, speech_span
from recipe.corpus.spoken_games.clip import GAME_RATE_HZ, Clip
from recipe.corpus.spoken_games.config import LM_TEXT, SpokenGames
from recipe.corpus.spoken_games.split import split
from recipe.corpus.spoken_games.texts import DICTIONARY_NAME, fortune_sentences, write_dictionary, write_lm_text
from recipe.corpus.spoken_games.words import spoken_words
from recipe.files import open_text, written_aside
from recipe.formats.stm import CHANNEL, StmLine

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_NO_WORDS = frozenset({"ape", "gorilla", "guard dog", "vicious dinosaur"})
"""Characters whose lines spell cries."""
_TALK_S = 120.0
_GAP_S = 0.3
_SILENCE_S = 0.15
"""Kept on either side of the speech of a clip."""
_NOISE = 1e-3  # amplitude, -60 dB of full scale
_GRID = SAMPLE_RATE_HZ // 100  # transcripts state hundredths of a second

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Utterance:
    """A clip that is kept."""

    clip: Clip
    words: str
    """What is said."""
    start: int
    """First sample of its speech."""
    end: int
    """Behind the last one."""

    @property
    def voice(self) -> str:
        """Game and character, without white space."""
        return f"{self.clip.game}_{self.clip.speaker}".replace(" ", "-")

    @property
    def scene(self) -> str:
        """Game and scene."""
        return f"{self.clip.game}/{self.clip.scene}"

    @property
    def key(self) -> str:
        """As in `SpokenGames.left_out`."""
        return f"{self.clip.game}/{self.clip.name}"

    @property
    def speech_s(self) -> float:
        """Seconds of speech, without the silence around it."""
        return (self.end - self.start) / GAME_RATE_HZ


def _with_words(clips: Iterable[Clip], left_out: Sequence[str], counts: Counter[str]) -> Iterator[tuple[Clip, str]]:
    """The clips whose text says what is heard, each recording once."""
    seen = set()
    for clip in clips:
        counts["clips"] += 1
        content = hashlib.sha256(clip.data).digest()
        if content in seen:
            counts["refused: same recording again"] += 1
        elif clip.speaker in _NO_WORDS:
            counts["refused: animals"] += 1
        elif f"{clip.game}/{clip.name}" in left_out:
            counts["refused: by a recogniser"] += 1
        elif words := spoken_words(clip.text, counts):
            seen.add(content)
            yield clip, words


def checked_utterances(clips: Iterable[Clip], left_out: Sequence[str], counts: Counter[str]) -> list[Utterance]:
    """The clips that pass every check.

    :param left_out: `SpokenGames.left_out`
    :param counts: rule -> how often it changed or refused a clip
    """
    utterances = []
    for clip, words in _with_words(clips, left_out, counts):
        utterance = Utterance(clip, words, *speech_span(clip.samples(), GAME_RATE_HZ))
        if utterance.speech_s < MIN_SPEECH_S:
            counts["refused: silence"] += 1
        else:
            utterances.append(utterance)
    ratios = length_ratios(
        [u.voice for u in utterances], [u.words for u in utterances], [u.speech_s for u in utterances]
    )
    kept = [utterance for utterance, ratio in zip(utterances, ratios, strict=True) if length_fits(ratio)]
    counts["refused: length"] += len(utterances) - len(kept)
    counts["kept"] += len(kept)
    return kept


def correlation(utterances: Sequence[Utterance]) -> float | None:
    """Of letters of the text and seconds of speech: how sure it is that recordings and texts belong together."""
    import numpy as np

    if len(utterances) < 3:
        return None
    letters = [len(utterance.words) for utterance in utterances]
    return round(float(np.corrcoef(letters, [utterance.speech_s for utterance in utterances])[0, 1]), 3)


def talks(utterances: Sequence[Utterance]) -> dict[str, list[Utterance]]:
    """The utterances of a part by talk: one voice, about two minutes, in the order of the game."""
    by_voice: dict[str, list[list[Utterance]]] = defaultdict(lambda: [[]])
    lengths: dict[str, float] = defaultdict(float)
    for utterance in utterances:
        if lengths[utterance.voice] >= _TALK_S:
            by_voice[utterance.voice].append([])
            lengths[utterance.voice] = 0.0
        by_voice[utterance.voice][-1].append(utterance)
        lengths[utterance.voice] += utterance.speech_s
    return {
        f"{voice}_{n:02d}": talk for voice, parts in sorted(by_voice.items()) for n, talk in enumerate(parts, start=1)
    }


@cache
def _resampler() -> torch.nn.Module:
    """Made once: its filters take longer than a clip. On one thread: clips are too short for more."""
    import torch
    from torchaudio.transforms import Resample

    torch.set_num_threads(1)
    return Resample(GAME_RATE_HZ, SAMPLE_RATE_HZ)


def sound_of(utterance: Utterance) -> NDArray[np.float32]:
    """Its speech with a little of the silence around it, at 16 kHz, a whole number of hundredths of a second.

    The games' silence is digital zero, one frame in twenty: far below all speech, it would decide the mean and variance
    that features are normalised with. Noise of -60 dB, of a seed that the clip's name gives, lies above it.
    """
    import numpy as np
    import torch

    margin = round(_SILENCE_S * GAME_RATE_HZ)
    samples = utterance.clip.samples()[max(utterance.start - margin, 0) : utterance.end + margin]
    sound = _resampler()(torch.from_numpy(samples.copy())).numpy()
    sound = np.pad(sound, (0, -len(sound) % _GRID))
    generator = np.random.Generator(np.random.PCG64(list(utterance.key.encode())))
    return sound + _NOISE * generator.standard_normal(len(sound), np.float32)


def write_talk(folder: Path, name: str, utterances: Sequence[Utterance]) -> float:
    """Write `sph/<name>.sph` and `stm/<name>.stm` below a part; return the seconds of its segments."""
    import numpy as np
    import soundfile

    gap = np.zeros(round(_GAP_S * 100) * _GRID, np.float32)
    pieces, lines, position = [gap], [], len(gap)
    for utterance in utterances:
        sound = sound_of(utterance)
        start_s, end_s = position / SAMPLE_RATE_HZ, (position + len(sound)) / SAMPLE_RATE_HZ
        lines.append(
            StmLine(name, CHANNEL, utterance.voice, round(start_s, 2), round(end_s, 2), "<NA>", utterance.words)
        )
        pieces += [sound, gap]
        position += len(sound) + len(gap)
    signal = np.rint(np.clip(np.concatenate(pieces), -1, 1) * 32767).astype(np.int16)
    with written_aside(folder / "sph" / f"{name}.sph") as path:
        soundfile.write(path, signal, SAMPLE_RATE_HZ, format="NIST", subtype="PCM_16", endian="LITTLE")
    with open_text(folder / "stm" / f"{name}.stm", "wt") as file:
        file.writelines(f"{line}\n" for line in lines)
    return sum(line.end_s - line.start_s for line in lines)


def _part_report(utterances: Sequence[Utterance], hours: float, known: set[str]) -> dict[str, object]:
    words = [word for utterance in utterances for word in utterance.words.split()]
    return {
        "clips": len(utterances),
        "hours": round(hours, 3),
        "voices": len({utterance.voice for utterance in utterances}),
        "scenes": len({utterance.scene for utterance in utterances}),
        "words": len(words),
        "clips_by_game": dict(Counter(utterance.clip.game for utterance in utterances)),
        "share_of_words_not_in_train": round(sum(word not in known for word in words) / max(len(words), 1), 4),
    }


def write_corpus(unpacked: Path, root: Path, config: SpokenGames, report: Report) -> None:
    """Write parts, dictionary, LM text, `report.json` and `clips.tsv` (segment, clip, voice).

    :param unpacked: what the packages hold
    :raises InputError: when a package is not the known one
    """
    by_game, counts = _kept_clips(unpacked, config, report)
    by_part, moved = _by_part([utterance for found in by_game.values() for utterance in found], config)
    report(0.4, "text for the language model")
    sentences = [utterance.words for utterance in by_part[PARTS.train]]
    lm_sentences = list(fortune_sentences(unpacked))
    write_lm_text(root / "LM" / f"{LM_TEXT}.en.gz", lm_sentences)
    num_words = write_dictionary(root / DICTIONARY_NAME, sentences + lm_sentences)
    hours = _write_talks(root, by_part, report)
    known = {word for sentence in sentences for word in sentence.split()}
    found = {
        "parts": {part: _part_report(members, hours[part], known) for part, members in by_part.items()},
        "held_out": config.held_out,
        "repeated_sentences": moved,
        "rules": {game: dict(sorted(of_game.items())) for game, of_game in counts.items()},
        "letters_against_seconds": {game: correlation(kept) for game, kept in by_game.items()},
        "resampled": f"{GAME_RATE_HZ} Hz to {SAMPLE_RATE_HZ} Hz; nothing is above {GAME_RATE_HZ / 2:.0f} Hz",
        "dictionary_words": num_words,
    }
    with open_text(root / "report.json", "wt") as file:
        file.write(json.dumps(found, indent=2) + "\n")


def _kept_clips(
    unpacked: Path, config: SpokenGames, report: Report
) -> tuple[dict[str, list[Utterance]], dict[str, Counter[str]]]:
    """What is kept of each game, and how many clips each rule left out."""
    by_game, counts = {}, {}
    for number, game in enumerate((drascula, amazon_queen)):
        report(0.2 * number, f"matching {game.GAME}")
        counts[game.GAME] = Counter[str]()
        by_game[game.GAME] = checked_utterances(game.clips(unpacked), config.left_out, counts[game.GAME])
    return by_game, counts


def _by_part(utterances: Sequence[Utterance], config: SpokenGames) -> tuple[dict[str, list[Utterance]], int]:
    """The clips of each part, and how many are in train or nowhere for their sentence alone."""
    parts, moved = split(
        [utterance.scene for utterance in utterances],
        [utterance.voice for utterance in utterances],
        [utterance.words for utterance in utterances],
        [utterance.speech_s for utterance in utterances],
        config.held_out,
        config.seed,
        {PARTS.tests[0]: config.test_minutes, PARTS.dev: config.dev_minutes},
    )
    return {part: [u for u, p in zip(utterances, parts, strict=True) if p == part] for part in PARTS}, moved


def _write_talks(root: Path, by_part: Mapping[str, Sequence[Utterance]], report: Report) -> dict[str, float]:
    """Write audio and transcripts of all parts, and `clips.tsv`; return the hours of each part."""
    total, written, hours = sum(map(len, by_part.values())), 0, {}
    segments: list[str] = []
    for part, members in by_part.items():
        for kind in ("sph", "stm"):
            (root / part / kind).mkdir(parents=True, exist_ok=True)
        hours[part] = 0.0
        for name, talk in talks(members).items():
            report(0.5 + written / total / 2, f"writing {part}/{name}")
            hours[part] += write_talk(root / part, name, talk) / 3600
            written += len(talk)
            segments += [f"{part}/{name}/{n}\t{u.key}\t{u.voice}" for n, u in enumerate(talk, start=1)]
    with open_text(root / "clips.tsv", "wt") as file:
        file.writelines(f"{line}\n" for line in segments)
    return hours
