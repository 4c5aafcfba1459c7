"""Pages seen by a real browser, where one is installed."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def seen_in_browser(folder: Path, page: str, script: str) -> tuple[list[str], Any]:
    """What a script finds in a page, and the lines of the console; skips the test where there is no browser.

    :param folder: where the browser may write
    :param page: HTML, the value of the element `page`
    :param script: a module that puts JSON into the body of its document
    """
    if BROWSER is None:
        pytest.skip("no Chromium is installed")
    looking = f'<meta charset="utf-8"><body><textarea id="page" hidden>{html.escape(page)}</textarea>'
    (folder / "looking.html").write_text(f'{looking}<script type="module">{script}</script>', encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
    flags += ["--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=20000"]
    command = [BROWSER, *flags, "--dump-dom", f"file://{folder / 'looking.html'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    found = re.search(r"<body>(\{.*\})</body>", done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + "\n".join(console)
    return console, json.loads(html.unescape(found[1]))
