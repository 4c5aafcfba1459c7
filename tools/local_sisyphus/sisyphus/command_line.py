"""The arguments of `sis manager`, `sis worker` and the other commands (contract.md, "Command line")."""

import argparse


def parser() -> argparse.ArgumentParser:
    """The parser of all sub-commands."""
    top = argparse.ArgumentParser(prog="sis", description="Runs a graph of jobs on this machine.")
    top.add_argument("--log_level", type=int, default=20, metavar="N", help="10 also shows tracebacks of configs")
    top.add_argument("--config", action="append", default=[], metavar="FILE", help="a config, as after the command")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _manager(commands.add_parser("manager", aliases=["m"], help="run what the configs ask for"))
    _status(commands.add_parser("status", help="print the states of all jobs and why they wait"))
    _configs(commands.add_parser("verify", help="compare the outputs of finished jobs with what was written"))
    _clear(commands.add_parser("clear", help="move job directories aside, so that the jobs run again"))
    _worker(commands.add_parser("worker", help="run one task (called by the engine)"))
    _warm(commands.add_parser("warm", help="fork workers (called by the manager)"))
    return top


def _configs(command: argparse.ArgumentParser) -> None:
    command.add_argument("argv", nargs="*", metavar="CONFIG", help="config/x.py, config.x.main, config.x.main('a', 3)")


def _manager(command: argparse.ArgumentParser) -> None:
    command.add_argument("-r", "--run", action="store_true", help="run the jobs, instead of printing their states")
    command.add_argument(
        "-ro", "--retry_errors_once", action="store_true", help="retry failed tasks, from where they stopped"
    )
    command.add_argument(
        "-co", "--clear_errors_once", action="store_true", help="move failed jobs aside and start them over"
    )
    command.add_argument(
        "-cio", "--clear_interrupts_once", action="store_true", help="the same for interrupted jobs without resume"
    )
    command.add_argument("-io", "--ignore_once", action="store_true", help="leave failed jobs alone (the default)")
    _status(command)


def _status(command: argparse.ArgumentParser) -> None:
    command.add_argument("-a", "--all", action="store_true", help="a line for every unfinished job")
    _configs(command)


def _clear(command: argparse.ArgumentParser) -> None:
    command.add_argument("jobs", nargs="+", metavar="JOB", help="a directory work/..., a job id, or an alias")


def _worker(command: argparse.ArgumentParser) -> None:
    command.add_argument("--engine", default="short", help="name of the engine that started this worker")
    command.add_argument("--redirect_output", action="store_true", help="write the output to the task's log")
    command.add_argument("job_directory")
    command.add_argument("task_name")
    command.add_argument("task_id", type=int, nargs="?")


def _warm(command: argparse.ArgumentParser) -> None:
    command.add_argument("requests", type=int, help="descriptor of the pipe from the manager")
    command.add_argument("answers", type=int, help="of the one to it")
    command.add_argument("room", help="for the command lines of workers")
