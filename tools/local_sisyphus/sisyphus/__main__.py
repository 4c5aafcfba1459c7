"""`sis`: the command line of the engine."""

import logging
import sys

from sisyphus.command_line import parser


def main() -> int:
    options = parser().parse_args()
    logging.basicConfig(level=options.log_level, format="%(levelname)s: %(message)s")
    from sisyphus.settings_file import load_settings

    load_settings()
    if options.command is None:
        parser().print_help()
        return 2
    if options.command == "worker":
        from sisyphus.worker import run

        return run(options)
    return _run_visibly(options)


def _run_visibly(options) -> int:
    """Run a command for a person: what goes wrong is told in one line, with --log_level 10 also where."""
    from sisyphus.loader import ConfigError
    from sisyphus.lock import ManagerRunning

    try:
        if options.command in ("console", "c"):
            from sisyphus.console import console

            return console(options)
        if options.command in ("verify", "clear"):
            from sisyphus import verify

            return getattr(verify, options.command)(options)
        from sisyphus.manager import manage, show_graph, status

        return {"status": status, "graph": show_graph}.get(options.command, manage)(options)
    except (ConfigError, ManagerRunning, RuntimeError) as error:
        logging.debug("here", exc_info=True)
        print(f"sis: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("sis: stopped", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
