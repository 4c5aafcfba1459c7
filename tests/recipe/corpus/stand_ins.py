"""Small corpora in the layouts of the real ones, with noise for speech."""

import gzip
from pathlib import Path

import numpy as np
import soundfile

TEXTS = ("WE DON'T KNOW", "A CAT SAT THERE", "IT WAS COLD", "THE OLD HOUSE BURNS")


def write_noise(path: Path, seconds: float = 1.0, rate_hz: int = 16_000, channels: int = 1) -> None:
    """A recording in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (int(seconds * rate_hz), channels))
    soundfile.write(path, noise, rate_hz, format="NIST" if path.suffix == ".sph" else None)


def write_table(path: Path, rows: dict[str, str]) -> None:
    """A table of Kaldi, sorted by its ids."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key} {value}\n" for key, value in sorted(rows.items())), encoding="utf-8")


def kaldi_set(folder: Path, speakers: list[str], each: int = 2, suffix: str = ".flac", rate_hz: int = 16_000) -> Path:
    """A data directory without segments: `each` recordings of one second of every speaker, in `audio/` beside it."""
    wav, text, speaker_of = {}, {}, {}
    for speaker in speakers:
        for number in range(each):
            name = f"{speaker}-{number}"
            write_noise(folder / "audio" / f"{name}{suffix}", rate_hz=rate_hz)
            wav[name], speaker_of[name] = f"audio/{name}{suffix}", speaker
            text[name] = TEXTS[number % len(TEXTS)]
    for name, rows in (("wav.scp", wav), ("text", text), ("utt2spk", speaker_of)):
        write_table(folder / name, rows)
    return folder


def segmented_kaldi_set(folder: Path) -> Path:
    """A data directory with segments: two recordings of five seconds, in two formats; ids order by speaker."""
    write_noise(folder / "audio" / "meeting.wav", 5.0)
    write_noise(folder / "audio" / "call.ogg", 5.0)
    write_table(folder / "wav.scp", {"meeting": "audio/meeting.wav", "call": "audio/call.ogg"})
    segments = {
        "ann-1": "meeting 2.50 4.00",
        "ann-2": "call 0.00 1.25",
        "bob-1": "meeting 0.50 2.00",
        "bob-2": "call 2.00 -1",
    }
    write_table(folder / "segments", segments)
    write_table(folder / "text", dict(zip(segments, TEXTS, strict=True)))
    write_table(folder / "utt2spk", {name: name.split("-")[0] for name in segments})
    write_table(folder / "spk2gender", {"ann": "f", "bob": "m"})
    return folder


def librispeech_subset(root: Path, subset: str, speakers: int = 2, chapters: int = 1, each: int = 2) -> None:
    """A subset below `root`, which is the folder LibriSpeech."""
    first = 100 * (1 + sum(map(ord, subset)) % 50)
    lines = []
    for speaker in range(first, first + speakers):
        lines.append(f"{speaker}   | {'FM'[speaker % 2]} | {subset}  | 8.0 | A Reader\n")
        for chapter in range(1, chapters + 1):
            folder = root / subset / str(speaker) / str(chapter)
            names = [f"{speaker}-{chapter}-{number:04d}" for number in range(each)]
            for name in names:
                write_noise(folder / f"{name}.flac")
            transcripts = "".join(f"{name} {text}\n" for name, text in zip(names, TEXTS, strict=False))
            (folder / f"{speaker}-{chapter}.trans.txt").write_text(transcripts)
    with open(root / "SPEAKERS.TXT", "a", encoding="utf-8") as file:
        file.write("; the readers\n" + "".join(lines))


def tedlium_parts(root: Path, line: str, suffix: str = "") -> None:
    """`{train,dev,test}/{sph,stm}` with one talk of ten seconds each.

    :param line: the text of its one segment
    :param suffix: what ends a line of train
    """
    for part in ("train", "dev", "test"):
        talk = f"Talk{part.title()}_2010"
        write_noise(root / part / "sph" / f"{talk}.sph", 10.0)
        (root / part / "stm").mkdir(parents=True)
        text = f"{line} {suffix}" if part == "train" and suffix else line
        (root / part / "stm" / f"{talk}.stm").write_text(f"{talk} 1 {talk} 1.00 4.00 <o,f0,female> {text}\n")


def tedlium1(root: Path) -> Path:
    """Release 1: markers, keys at the ends of training lines, a dictionary with an entry of noise, no LM texts."""
    tedlium_parts(root, "{COUGH} but <sil> i was unqualified for(2) this", "(TalkTrain_2010-1.00-4.00)")
    (root / "TEDLIUM.150K.dic").write_text("but B AH T\ni AY\nfor F AO R\nfor(2) F ER\n[NOISE] NSN\nthis DH IH S\n")
    return root


def tedlium3(root: Path) -> Path:
    """Release 3: legacy/train links to data/; a second distribution; dictionary and LM texts at the top."""
    tedlium_parts(root / "legacy", "it 's a new day")
    tedlium_parts(root / "speaker-adaptation", "we 're all here")
    for kind in ("sph", "stm"):
        (root / "data").mkdir(exist_ok=True)
        (root / "legacy" / "train" / kind).rename(root / "data" / kind)
        (root / "legacy" / "train" / kind).symlink_to(f"../../data/{kind}")
    (root / "LM").mkdir()
    (root / "LM" / "news.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (root / "TEDLIUM.152k.dic").write_text("it IH T\n")
    return root
