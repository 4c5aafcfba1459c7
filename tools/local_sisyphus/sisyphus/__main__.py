"""`sis`: the command line of the engine."""

import logging
import os
import sys

from sisyphus.command_line import parser


def main() -> int:
    options = parser().parse_args()
    logging.basicConfig(level=options.log_level, format="%(levelname)s: %(message)s")
    if options.command is None:
        parser().print_help()
        return 2
    if options.command == "warm":
        return _fork_workers(options)
    return _work(options) if options.command == "worker" else _run_visibly(options)


def _work(options) -> int:
    from sisyphus.settings_file import load_settings
    from sisyphus.worker import run

    load_settings()
    return run(options)


def _fork_workers(options) -> int:
    from sisyphus.forking import serve
    from sisyphus.settings_file import load_settings

    load_settings()
    return serve(options)


def _run_visibly(options) -> int:
    """Run a command for a person: an error is one line, with --log_level 10 also a traceback."""
    from sisyphus import clearing, manager, verify
    from sisyphus.loader import ConfigError
    from sisyphus.lock import ManagerRunning
    from sisyphus.settings_file import load_settings
    from sisyphus.trouble import sentence

    commands = {"clear": clearing.clear, "verify": verify.verify, "status": manager.status}
    try:
        load_settings()
        return commands.get(options.command, manager.manage)(options)
    except (ConfigError, ManagerRunning, RuntimeError) as error:
        logging.debug("here", exc_info=True)
        print(f"sis: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader of the output is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        logging.debug("here", exc_info=True)
        print(f"sis: {sentence(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        print("sis: stopped", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
