"""Importing recipes and running configs (contract.md, "Configs")."""

import ast
import importlib
import importlib.machinery
import importlib.util
import logging
import os
import sys
import traceback

from sisyphus import global_settings as gs


class ConfigError(Exception):
    """A config failed; the message is one line with place and reason."""


class _RecipeFinder:
    """Finds the packages that IMPORT_PATHS names in the base directory; installed packages come first."""

    def find_spec(self, name, path=None, target=None):
        """What importlib asks of a finder; None for a name that IMPORT_PATHS does not cover."""
        if path is not None:
            return None
        for entry in gs.IMPORT_PATHS:
            if entry.endswith("/"):
                folder = os.path.join(gs.BASE_DIR, entry)
            elif name == entry:
                folder = gs.BASE_DIR
            else:
                continue
            spec = importlib.machinery.PathFinder.find_spec(name, [folder])
            if spec is not None:
                return spec
        return None


def install_finder() -> None:
    if not any(isinstance(finder, _RecipeFinder) for finder in sys.meta_path):
        sys.meta_path.append(_RecipeFinder())


class ConfigManager:
    """Runs config functions given as text: `config/x.py`, `config.x.main("a", 3)`."""

    def __init__(self):
        self.loaded: list[str] = []

    def load(self, config: str) -> None:
        """Import the config's module and call its function.

        :raises ConfigError: for every failure, with the line of the config
        """
        module_name, function_name, arguments = parse_config(config)
        try:
            function = _find_function(module_name, function_name, config)
            if function is not None:
                result = function(*arguments)
                if hasattr(result, "__await__"):
                    result.close()
                    raise ConfigError(f"{config} is an async function; the bundled engine runs plain functions only")
        except ConfigError:
            raise
        except Exception as error:
            logging.debug("config failed", exc_info=True)
            raise ConfigError(f"{_where(error, config)}: {_sentence(error)}") from error
        self.loaded.append(config)


def parse_config(config: str) -> tuple[str, str, tuple]:
    """(module, function, arguments) of a config given as text.

    :raises ConfigError: if the arguments are no literals
    """
    name, bracket, rest = config.partition("(")
    try:
        arguments = ast.literal_eval(f"({rest.rstrip().removesuffix(')')},)") if rest.strip(" )") else ()
    except (ValueError, SyntaxError):
        raise ConfigError(f"the arguments of {config} must be literals such as 3 or 'a'") from None
    for entry in gs.IMPORT_PATHS:
        if entry.endswith("/"):
            name = name.removeprefix(entry)
    module, _, function = name.replace("/", ".").rpartition(".")
    if not module:
        raise ConfigError(f"{config!r} names no function; give config/NAME.py or config.NAME.FUNCTION")
    return module, function, arguments


def _find_function(module_name: str, function_name: str, config: str):
    if not _exists(module_name):
        raise ConfigError(f"there is no config {config}: {module_name.replace('.', '/')}.py is not in {gs.BASE_DIR}")
    module = importlib.import_module(module_name)
    function = getattr(module, function_name, None)
    if function is None:
        logging.warning("%s has no function %s; it was only imported", module_name, function_name)
    return function


def _exists(module_name: str) -> bool:
    try:
        return importlib.util.find_spec(module_name) is not None
    except ModuleNotFoundError:
        return False


def _sentence(error: Exception) -> str:
    return str(error) if type(error).__name__.endswith("InputError") else f"{type(error).__name__}: {error}"


def _where(error: Exception, config: str) -> str:
    """`file:line` of the innermost frame below config/, otherwise of the failure itself."""
    if isinstance(error, SyntaxError):
        return f"{os.path.relpath(error.filename or config, gs.BASE_DIR)}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(gs.BASE_DIR)]
    config_dir = os.path.join(gs.BASE_DIR, "config") + os.sep
    in_config = [frame for frame in frames if frame.filename.startswith(config_dir)]
    for frame in reversed(in_config or frames):
        return f"{os.path.relpath(frame.filename, gs.BASE_DIR)}:{frame.lineno}"
    return config


config_manager = ConfigManager()


def load_configs(configs: list[str]) -> None:
    """Run the given configs; without any, config.py or else `main` of config/__init__.py."""
    install_finder()
    default = "config.py" if os.path.isfile(os.path.join(gs.BASE_DIR, "config.py")) else "config.main"
    for config in configs or [default]:
        config_manager.load(config)
