"""What a graph shows while it runs: each row as its scores are there, in the terminal and on an unfinished page.

The manager calls this, so nothing heavy is loaded. The page is a file of its own, to which `report.html` links until
the finished report takes its place.
"""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sisyphus import gs, tk

from recipe.report import numbers
from recipe.report.inputs import ScoredSystem, parts_of
from recipe.report.pages import PAGE, UNFINISHED

TO_COME = "to come"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One system with one pair of search scales, on all parts."""

    scored: tuple[ScoredSystem, ...]

    @property
    def names(self) -> list[str]:
        """`float`, its bits, its device, how its scales were set."""
        system, mode = self.scored[0].system, self.scored[0].scale_mode
        device = getattr(system, "device_seed", None)
        hardware = "" if device is None else f"{getattr(system, 'condition', '')} device {device}"
        seed = "" if system.training_seed is None else f"training {system.training_seed}"
        return [system.kind, system.row, " ".join(filter(None, [hardware, seed])), mode]

    def paths(self) -> list[tk.Path | tk.Variable]:
        """What must be there before the row can be shown."""
        scales = (scale for one in self.scored for scale in (one.lm_scale, one.prior_scale))
        return [*(one.score for one in self.scored), *(one for one in scales if not isinstance(one, int | float))]

    def written_s(self) -> float:
        """When the last of its scores was written, in seconds since 1970."""
        return max(os.path.getmtime(one.score.get_path()) for one in self.scored)

    def measured(self) -> list[str]:
        """Its scales, and word error rates by part, in percent."""
        from recipe.formats.score import read_score

        first = self.scored[0]
        scales = (one if isinstance(one, int | float) else one.get() for one in (first.lm_scale, first.prior_scale))
        rates = [numbers.wer(read_score(one.score.get_path())["wer_percent"]) for one in self.scored]
        return [numbers.scales(first.scale_mode, *map(float, scales)), *rates]


def rows_of(scored: Iterable[ScoredSystem]) -> list[Row]:
    """The rows in the order in which their systems come."""
    found: dict[tuple[str, str], list[ScoredSystem]] = {}
    for one in scored:
        found.setdefault((one.system.name, one.scale_mode), []).append(one)
    return [Row(scored=tuple(parts)) for parts in found.values()]


class GrowingReport:
    """Prints each row once it is there, and keeps the unfinished page as long as there is no finished one."""

    def __init__(self, setup_name: str, scored: Sequence[ScoredSystem], finished: tk.Path):
        """
        :param scored: all systems of the tables, the most wanted first
        :param finished: the finished page
        """
        self.setup_name = setup_name
        self.rows = rows_of(scored)
        self.parts = parts_of(scored)
        self.finished = finished
        self.folder = Path(gs.OUTPUT_DIR, gs.ALIAS_AND_OUTPUT_SUBDIR).absolute()
        self.started_s = time.time()
        self.measured: dict[int, list[str]] = {}
        """What is there, by the number of its row."""

    def register(self) -> None:
        """Let the manager call this for every row, and when the finished page is there."""
        for number, row in enumerate(self.rows):
            tk.register_callback(self.add, number, *row.paths())
        tk.register_callback(self.close, self.finished)

    def add(self, number: int, *_: object) -> None:
        """Show one more row. Of those from before the manager started, only their number is told."""
        if number in self.measured or self.finished.available():
            return
        new = [number]
        if not self.measured:  # the first call: a manager that goes on finds many rows at once
            new = [n for n, row in enumerate(self.rows) if n == number or all(path.available() for path in row.paths())]
        try:
            lines = self._lines(new)
            self.write()
            print("\n".join(lines), flush=True)
        except OSError as error:  # of a full disk, of a terminal that is gone: no reason to stop the graph
            print(f"the unfinished report cannot be written: {error}", flush=True)

    def _lines(self, new: list[int]) -> list[str]:
        before, lines = 0, []
        for number in new:
            self.measured[number] = self.rows[number].measured()
            if self.rows[number].written_s() < self.started_s:
                before += 1
            else:
                lines.append(self.line(number))
        verb = "is" if before == 1 else "are"
        told = [f"{before} of {len(self.rows)} rows {verb} there from before: {self.folder.name}/{PAGE}"]
        return (told if before else []) + lines

    def line(self, number: int) -> str:
        """`row 3 of 31: QAT        3                       tuned 2/0.9   dev  6.4 %   test 12.6 %`."""
        kind, bits, hardware, _ = self.rows[number].names
        scales, *rates = self.measured[number]
        width = max(len(row.names[2]) for row in self.rows)
        figures = "   ".join(f"{part} {rate:>4} %" for part, rate in zip(self.parts, rates, strict=True))
        told = f"row {len(self.measured)} of {len(self.rows)}: {kind:<9}  {bits:>2}  {hardware:<{width}}"
        return f"{told}  {scales:<13}  {figures}"

    def write(self) -> None:
        """Write the unfinished page, and let `report.html` lead to it."""
        from recipe.files import open_text

        self.folder.mkdir(parents=True, exist_ok=True)
        with open_text(self.folder / UNFINISHED, "wt") as file:
            file.write(self.page())
        link = self.folder / PAGE
        if link.is_symlink() and os.readlink(link) == UNFINISHED:
            return
        aside = self.folder / f".{PAGE}.part"
        aside.unlink(missing_ok=True)
        aside.symlink_to(UNFINISHED)
        os.replace(aside, link)

    def page(self) -> str:
        """The HTML of the unfinished page; it loads itself again until the finished one is there."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        cells = [self.measured.get(number, [TO_COME] * (1 + len(self.parts))) for number in range(len(self.rows))]
        return environment.get_template("growing.html.j2").render(
            setup_name=self.setup_name,
            parts=self.parts,
            rows=[[*row.names[:3], *found] for row, found in zip(self.rows, cells, strict=True)],
            found=len(self.measured),
            to_come=TO_COME,
            now=time.strftime("%Y-%m-%d %H:%M:%S"),
        )

    def close(self, *_: object) -> None:
        """The finished page is there: the other one is not needed any more."""
        link = self.folder / PAGE
        if not link.is_symlink() or os.readlink(link) != UNFINISHED:
            (self.folder / UNFINISHED).unlink(missing_ok=True)
