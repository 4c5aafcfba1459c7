"""The report as one self-contained HTML file."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recipe.errors import InputError
from recipe.files import read_json
from recipe.report import numbers
from recipe.report.abridged import lettered, letters_of
from recipe.report.corpus_tables import corpus_tables
from recipe.report.folding import folded
from recipe.report.job_records import JobRecord
from recipe.report.markdown import to_html
from recipe.report.pages import UTTERANCES
from recipe.report.plot_data import PlotData, Tables
from recipe.report.stages import TIME_NOTE, by_stage, code_note, code_table, seeds_table
from recipe.report.text_table import from_values

TITLES = {
    "table2": "Table 2: float, quantised after training, quantised in training",
    "table3": "Table 3: executed on memristors",
    "claims": "Claims: what separates",
    "table1": "Table 1: single memristor cells",
    "variance": "Variance: utterances, trainings, devices",
    "search": "Search: what a wider one finds",
    "costs": "Crossbars: what the mapping takes",
    "energy": "Energy: what a second of audio takes",
    "corpus": "Corpus: what is odd about it",
}
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "run.txt"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A plot of the page."""

    title: str
    uri: str
    """The picture as a data URI."""
    csv: str = ""
    """What it shows; empty if that is not known."""
    words: str = ""
    """The same in a sentence, for those who cannot see it."""

    @property
    def file_name(self) -> str:
        """Under which the figures are saved: `word-error-rate-against-weight-bits-dev.csv`."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") + ".csv"


def page(
    *,
    setup_name: str,
    tables_path: str,
    plots: Mapping[str, str],
    documents: Sequence[str],
    jobs: Sequence[JobRecord],
    corpus_report: str | None = None,
    plot_data: Mapping[str, PlotData] | None = None,
    has_utterances: bool = False,
) -> str:
    """The HTML of the report; it loads nothing, and leads to no file but the page of utterances.

    :param tables_path: tables.json
    :param plots: path of an svg or png by title
    :param documents: paths of Markdown files
    :param jobs: every job that the report depends on
    :param corpus_report: JSON of CorpusReportJob
    :param plot_data: what plots show, by title
    :param has_utterances: whether that page lies beside it
    :raises InputError: when a plot is neither svg nor png
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tables = from_values(read_json(tables_path))
    if corpus_report is not None:
        tables["corpus"] = corpus_tables(read_json(corpus_report))
    letters = letters_of(tables.values())
    return environment.get_template("report.html.j2").render(
        setup_name=setup_name,
        sections=[(name, lettered(tables[name], letters)) for name in TITLES if name in tables],
        titles=TITLES,
        plots=[_plot(title, path, (plot_data or {}).get(title), tables) for title, path in plots.items()],
        folded=folded,
        documents=[to_html(Path(path).read_text(encoding="utf-8")) for path in documents],
        versions=versions(),
        jobs=jobs,
        stages=by_stage(jobs),
        seeds=seeds_table(jobs),
        code_note=code_note(jobs),
        other_code=code_table(jobs),
        time_note=TIME_NOTE,
        missing=(numbers.MISSING, numbers.UNPUBLISHED),
        duration=numbers.duration,
        counted=numbers.counted,
        utterances=UTTERANCES if has_utterances else "",
    )


def _plot(title: str, path: str, data: PlotData | None, tables: Tables) -> Plot:
    if data is None:
        return Plot(title=title, uri=data_uri(path))
    return Plot(title=title, uri=data_uri(path), csv=data.csv(tables), words=data.words(tables))


def data_uri(path: str) -> str:
    """A picture as a data URI.

    :raises InputError: when it is neither svg nor png
    """
    suffix = Path(path).suffix
    if suffix not in MEDIA_TYPES:
        raise InputError(f"{path} is no picture that a browser shows here; give an svg or png")
    return f"data:{MEDIA_TYPES[suffix]};base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


def versions() -> dict[str, str]:
    """Installed version of every package in requirements/run.txt, and of Python."""
    names = re.findall(r"^([\w.-]+)==", REQUIREMENTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"Python": python_version()} | {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
