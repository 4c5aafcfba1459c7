"""`sis`: the command line of the engine."""

import logging
import sys

from sisyphus.command_line import parser


def main() -> int:
    options = parser().parse_args()
    logging.basicConfig(level=options.log_level, format="%(levelname)s: %(message)s")
    from sisyphus.settings_file import load_settings

    load_settings()
    if options.command == "worker":
        from sisyphus.worker import run

        return run(options)
    if options.command in ("manager", "m"):
        from sisyphus.loader import ConfigError
        from sisyphus.lock import ManagerRunning
        from sisyphus.manager import manage

        try:
            return manage(options)
        except (ConfigError, ManagerRunning) as error:
            print(f"sis: {error}", file=sys.stderr)
            return 1
    parser().print_help()
    return 2


if __name__ == "__main__":
    sys.exit(main())
