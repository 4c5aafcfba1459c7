"""What MkDocs calls while it builds the site: every page comes from the repository or is a page of reference."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import pages  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402


def on_config(config):
    """Add the reference and the READMEs of folders to the navigation."""
    readmes = [name for name in pages.files() if name.endswith("/README.md") and not name.startswith("docs/")]
    folders = [{name.removesuffix("/README.md"): name} for name in readmes if name != "notebooks/README.md"]
    config.nav[-1:-1] = [
        {"Reference": [{title: name} for name, title, _ in pages.reference()]},
        {"Folders": folders},
    ]
    return config


def on_files(files, config):
    """The files of the site, under the paths that they have in the repository."""
    theme = [file for file in files if not Path(file.abs_src_path or "").is_relative_to(pages.ROOT / "docs")]
    names = frozenset(pages.files())
    found = [
        File.generated(config, name, content=pages.page(name, names))
        if name.endswith(".md")
        else File.generated(config, name, abs_src_path=str(pages.ROOT / name))
        for name in names
    ]
    found += [File.generated(config, name, content=text) for name, _, text in pages.reference()]
    found.append(File.generated(config, "assets/iframe-worker.js", abs_src_path=str(HERE / "iframe-worker.js")))
    return Files([*theme, *found])
