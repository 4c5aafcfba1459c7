"""What the code must not do, read off its syntax trees; and names that try to be more than names."""

import ast
import gzip
import re
from pathlib import Path

import numpy as np
import soundfile

from recipe.corpus.config import PUBLISHED_RULES
from recipe.corpus.segmentation import segment_part
from recipe.formats.hypotheses import Hypothesis, read_hypotheses, write_hypotheses
from recipe.formats.segments import read_segments
from recipe.report.html import TITLES, page
from recipe.report.job_records import JobRecord
from recipe.report.text_table import Table, to_json
from recipe.scoring.score import score

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ["recipe", "memristor_sim", "setups", "config", "tools", "benchmarks"]
LISTENING = {"http.server", "socketserver", "wsgiref", "xmlrpc.server", "flask", "uvicorn"}


def calls() -> list[tuple[str, str, ast.Call]]:
    """("file:line", dotted name, call) of every call in the product's sources."""
    found = []
    for path in [ROOT / "sis", ROOT / "settings.py", *(p for name in PRODUCT for p in (ROOT / name).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.func), node))
    return found


CALLS = calls()


def keyword(call: ast.Call, name: str) -> object:
    return next((k.value.value for k in call.keywords if k.arg == name and isinstance(k.value, ast.Constant)), None)


def test_checkpoints_are_loaded_as_weights_only():
    loads = [(where, call) for where, name, call in CALLS if name in ("torch.load", "load_state_dict_from_url")]
    assert loads, "no torch.load found: this test looks at the wrong place"
    assert [where for where, call in loads if keyword(call, "weights_only") is not True] == []


def test_no_shell_sees_a_path():
    """The engine's `sh`, which recipes may use, is the contract's; the recipe itself has no use of it."""
    shells = [where for where, name, call in CALLS if name in ("os.system", "os.popen") or keyword(call, "shell")]
    assert shells == []
    assert [where for where, name, _ in CALLS if name == "self.sh" and where.startswith("recipe/")] == []


def test_nothing_is_unpickled_or_evaluated_in_the_recipe():
    names = {"eval", "exec", "pickle.load", "pickle.loads", "np.load"}
    found = [(where, call) for where, name, call in CALLS if name in names and where.startswith("recipe/")]
    assert [where for where, call in found if keyword(call, "mmap_mode") is None or keyword(call, "allow_pickle")] == []


def test_nothing_listens_on_a_port():
    names = [
        (where, name) for where, name, _ in CALLS if name.rpartition(".")[2] in ("bind", "listen", "create_server")
    ]
    assert [where for where, name in names if name != "signature.bind"] == []
    imported = []
    for path in (p for name in PRODUCT for p in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            imported += [f"{path.relative_to(ROOT)}: {name}" for name in names if name in LISTENING]
    assert imported == []


SCRIPT = "<script>alert('&')</script>"


def test_a_talk_named_as_a_script_stays_a_name_from_corpus_to_score(tmp_path):
    talk = SCRIPT.replace("/", "")
    for part in ("sph", "stm"):
        (tmp_path / "dev" / part).mkdir(parents=True)
    recording = tmp_path / "dev" / "sph" / f"{talk}.sph"
    soundfile.write(recording, np.zeros(64_000, np.int16), 16_000, format="NIST", subtype="PCM_16")
    (tmp_path / "dev" / "stm" / f"{talk}.stm").write_text(f"{talk} 1 {talk} 0.5 2.0 <NA> one & <two> words\n")
    outputs = [str(tmp_path / name) for name in ("segments.xml.gz", "text.txt", "reference.stm", "statistics.json")]
    segment_part(tmp_path, "dev", None, PUBLISHED_RULES, *outputs)
    [segment] = read_segments(outputs[0])
    assert (segment.name, segment.speaker, segment.words) == (f"dev/{talk}/1", talk, "one & <two> words")
    assert talk.encode() not in gzip.decompress(Path(outputs[0]).read_bytes())
    found = {segment.name: Hypothesis("one words", -1.0, ((0.0, 0.5), (0.5, 1.0)))}
    write_hypotheses(str(tmp_path / "hypotheses.json"), found)
    utterances, _ = score([segment], read_hypotheses(str(tmp_path / "hypotheses.json")))
    assert (utterances[0].name, utterances[0].deletions) == (segment.name, 2)


def test_the_report_shows_names_of_the_data_as_text(tmp_path):
    table = Table(caption=f"Table. {SCRIPT}", header=[SCRIPT, "b"], rows=[[SCRIPT, SCRIPT]], records=[{"name": SCRIPT}])
    names = tuple(TITLES)
    (tmp_path / "tables.json").write_text(to_json({name: [table] for name in names}))
    (tmp_path / "notes.md").write_text(f"# {SCRIPT}\n\n{SCRIPT} [x](javascript:alert(1))\n")
    record = JobRecord(job_id=f"corpus/jobs/{SCRIPT}.1", alias=SCRIPT, seeds=((SCRIPT, 1),), used_h=0.1, memory_gb=0.1)
    html = page(
        setup_name=SCRIPT,
        tables_path=str(tmp_path / "tables.json"),
        plots={},
        documents=[str(tmp_path / "notes.md")],
        jobs=[record],
    )
    assert html.lower().count("<script") == 1 and "&lt;script&gt;" in html
    assert not re.search(r"""(href|src)\s*=\s*["']?\s*javascript:""", html, re.IGNORECASE)
