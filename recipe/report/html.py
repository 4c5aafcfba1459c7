"""The report as one self-contained HTML file."""

import base64
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recipe.errors import InputError
from recipe.files import read_json
from recipe.report import numbers
from recipe.report.corpus_tables import corpus_tables
from recipe.report.job_records import JobRecord
from recipe.report.markdown import to_html
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
    "corpus": "Corpus: what is odd about it",
}
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "run.txt"


def page(
    *,
    setup_name: str,
    tables_path: str,
    plots: Mapping[str, str],
    documents: Sequence[str],
    jobs: Sequence[JobRecord],
    corpus_report: str | None = None,
) -> str:
    """The HTML of the report; it refers to no other file and loads nothing.

    :param tables_path: tables.json
    :param plots: path of an svg or png by title
    :param documents: paths of Markdown files
    :param jobs: every job that the report depends on
    :param corpus_report: JSON of CorpusReportJob
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
    return environment.get_template("report.html.j2").render(
        setup_name=setup_name,
        sections=[(name, tables[name]) for name in TITLES if name in tables],
        titles=TITLES,
        plots={title: data_uri(path) for title, path in plots.items()},
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
    )


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
