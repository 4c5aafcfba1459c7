"""Human speech from two games in Debian's main archive, as a corpus value."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recipe.corpus.config import SegmentPadding, StmRules
from recipe.corpus.release2 import Release2Corpus
from recipe.corpus.spoken_games.debian import Package, given_file
from recipe.corpus.spoken_games.split import HELD_OUT, SCENES
from recipe.errors import require
from recipe.identity import without

if TYPE_CHECKING:  # corpus values are usable without a job engine
    from sisyphus import tk

FOLDER_VARIABLE = "SPOKEN_GAMES_DEBS"
"""Environment variable that names a folder with the .deb files."""
DRASCULA = Package(
    name="drascula",
    version="1.0+ds4-2",
    sha256="ed4af8e2d41ad446e2f3b73533daa1804e2f13f62f596c0b02b8dc39544f22b4",
    size_bytes=26_302_044,
    folders=("usr/share/scummvm/drascula",),
)
AMAZON_QUEEN = Package(
    name="flight-of-the-amazon-queen",
    version="1.0.0-9",
    sha256="40c08fd258d6fe95c46c1eaf5e9137f84ba330657995a281bd887c94a560a0f1",
    size_bytes=34_859_620,
    folders=("usr/share/scummvm/flight-of-the-amazon-queen",),
)
FORTUNES = Package(
    name="fortunes",
    version="1:1.99.1-7.3",
    sha256="41d0551dc0ff52f875a2ecef7c39da2f672ab468c37e170119f7e0245a9d63c5",
    size_bytes=848_988,
    folders=("usr/share/games/fortunes",),
)
PACKAGES = (DRASCULA, AMAZON_QUEEN, FORTUNES)
"""Speech and texts of two games, and quotations for the language model."""
LM_TEXT = "fortunes"
"""Name of the text for the language model besides the transcripts."""
_HOURS_OF_ALL = 5.2  # of segments, with the silence around speech


@dataclass(frozen=True, kw_only=True)
class SpokenGames(Release2Corpus):
    """The spoken lines of Drascula and of Flight of the Amazon Queen: actors, 11 kHz, without music.

    docs/licences.md says what their licences permit; README.md of recipe/corpus how the parts are drawn.
    """

    held_out: str = SCENES
    """What dev and test do not share with train: `scenes`, or `voices`, which is much harder."""
    dev_minutes: float = 20.0
    """Speech of the units drawn for dev. Lines that other units have too are taken out, about a tenth."""
    test_minutes: float = 30.0
    """Likewise for test."""
    seed: int = 1
    """Decides which scenes or voices are held out."""
    left_out: tuple[str, ...] = ()
    """Clips that a recogniser found not to be what their text says, as `<game>/<name>` (check.worst_scores)."""
    debs: str | None = None
    """Folder with the .deb files of PACKAGES; None takes the folder that the variable SPOKEN_GAMES_DEBS names, or lets
    apt-get fetch them."""
    padding: SegmentPadding = SegmentPadding(start_s=0.0, end_s=0.0)
    """None: clips carry the silence around them, and lie apart in a recording by digital zeros."""
    stm_rules: StmRules = StmRules(split_apostrophes=False)
    """The dictionary has contractions as one word."""

    def __post_init__(self) -> None:
        known = ", ".join(HELD_OUT)
        require(self.held_out in HELD_OUT, f"SpokenGames.held_out is {self.held_out!r}; it must be one of {known}")
        for name in ("dev_minutes", "test_minutes"):
            minutes = getattr(self, name)
            require(0 < minutes <= 60, f"SpokenGames.{name} is {minutes}; give minutes above 0, up to 60")

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: the content of the packages and what is made of it, not where they come from."""
        return {
            **without(self, "debs", "padding", "stm_rules", "expected"),
            "sha256": tuple(package.sha256 for package in PACKAGES),
        }

    def folder(self) -> str | None:
        """Where the .deb files lie; None where they are to be fetched."""
        return self.debs or os.environ.get(FOLDER_VARIABLE) or None

    def hours(self, part: str) -> float:
        """Hours of audio in a part, about."""
        evaluated = {"dev": self.dev_minutes / 60, "test": self.test_minutes / 60}
        return evaluated[part] if part in evaluated else _HOURS_OF_ALL - sum(evaluated.values())

    def plan_notes(self) -> list[str]:
        """Where the packages come from."""
        megabytes = sum(package.size_bytes for package in PACKAGES) / 1e6
        names = ", ".join(package.name for package in PACKAGES)
        source = self.folder() or "Debian's archive, through apt-get download"
        return [f"Packages: {names} ({megabytes:.0f} MB) from {source}; their licences: docs/licences.md."]

    def directory(self) -> tk.Path:
        """What the job writes.

        :raises InputError: when a folder is named that lacks a package
        """
        from recipe.corpus.spoken_games.jobs import PrepareSpokenGamesJob

        folder = self.folder()
        if folder:
            for package in PACKAGES:
                given_file(package, folder)
        return PrepareSpokenGamesJob(replace(self, debs=folder)).out_root  # tasks do not see the environment

    def lm_text_names(self) -> tuple[str, ...]:
        """One: quotations."""
        return (LM_TEXT,)
