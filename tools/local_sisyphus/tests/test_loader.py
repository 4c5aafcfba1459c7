"""Configs: names, arguments, and errors that name the line."""

import os
import sys

import pytest
from sisyphus.loader import ConfigError, config_manager, install_finder, parse_config


@pytest.mark.parametrize(
    "text, parsed",
    [
        ("config/x.py", ("config.x", "py", ())),
        ("config/x.main", ("config.x", "main", ())),
        ("config.x.main", ("config.x", "main", ())),
        ("recipe/demo/x.main", ("demo.x", "main", ())),
        ('config/x.main("a/b.c", 3)', ("config.x", "main", ("a/b.c", 3))),
        ("config.x.main()", ("config.x", "main", ())),
    ],
)
def test_names_and_arguments(text, parsed):
    assert parse_config(text) == parsed


def test_bad_names():
    with pytest.raises(ConfigError, match="literals"):
        parse_config("config.x.main(import_me)")
    with pytest.raises(ConfigError, match="names no function"):
        parse_config("nothing")


@pytest.fixture
def configs(base, monkeypatch):
    """A config package and a recipe of this test alone."""
    (base / "config").mkdir()
    (base / "config" / "__init__.py").touch()
    (base / "recipe" / "loadable").mkdir(parents=True)
    (base / "recipe" / "loadable" / "__init__.py").write_text("VALUE = 5\n")
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in ("", os.getcwd())])
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in ("config", "loadable")}
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    install_finder()
    # the real config package of this repository must not be found before the one of the test
    sys.meta_path.insert(0, sys.meta_path.pop())
    yield base / "config"
    for name in list(sys.modules):
        if name.split(".")[0] in ("config", "loadable"):
            del sys.modules[name]
    sys.modules.update(hidden)


def test_a_config_may_import_recipes_by_their_short_name(configs):
    (configs / "x.py").write_text("import loadable\n\ndef main(n):\n    assert (loadable.VALUE, n) == (5, 3)\n")
    config_manager.load("config/x.main(3)")
    assert config_manager.loaded[-1] == "config/x.main(3)"


@pytest.mark.parametrize(
    "source, told",
    [
        ("def py():\n    x = 1\n    x.missing\n", "config/x.py:3: AttributeError: 'int' object has no attribute"),
        ("def py(:\n", "config/x.py:1: SyntaxError"),
        ("import nowhere_at_all\n", "config/x.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("async def py():\n    pass\n", "config/x.py is an async function"),
    ],
)
def test_errors_name_the_line(configs, source, told):
    (configs / "x.py").write_text(source)
    with pytest.raises(ConfigError) as error:
        config_manager.load("config/x.py")
    assert str(error.value).startswith(told) and "\n" not in str(error.value)
