"""`sh`: bash commands with the values of Python names filled in."""

import string
from typing import Any


def sh(
    command: str,
    capture_output: bool = False,
    pipefail: bool = True,
    executable: str | None = None,
    except_return_codes: tuple[int, ...] = (0,),
    sis_quiet: bool = False,
    sis_replace: dict[str, Any] | None = None,
    include_stderr: bool = False,
    **kwargs,
) -> str | None:
    """Run a bash command; the text it prints if captured.

    `{name}` in the command stands for a keyword argument or an entry of `sis_replace`; literal braces are doubled.

    :param except_return_codes: exit statuses that are accepted, besides 0
    :param sis_quiet: accepted for compatibility; nothing is printed either way
    :raises subprocess.CalledProcessError: for any other exit status
    """
    import subprocess  # not every worker needs it

    script = string.Formatter().vformat(command, (), {**(sis_replace or {}), **kwargs})
    result = subprocess.run(
        [
            "/bin/bash" if executable is None else executable,
            "-c",
            f"set -ueo pipefail\n{script}" if pipefail else script,
        ],
        stdout=subprocess.PIPE if capture_output else None,
        stderr=subprocess.STDOUT if include_stderr else None,
        text=True,
    )
    if result.returncode not in (0, *except_return_codes):
        raise subprocess.CalledProcessError(result.returncode, command, result.stdout)
    return result.stdout
