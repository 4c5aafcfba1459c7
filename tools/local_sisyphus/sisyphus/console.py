"""`sis console`: a Python prompt with `tk`, `gs` and the graph of the configs."""

import code

from sisyphus import global_settings as gs
from sisyphus import toolkit
from sisyphus.loader import config_manager, load_configs


def console(options) -> int:
    """Run the given commands, then, unless there were some, a prompt."""
    toolkit.set_role("manager")
    if not options.skip_config:
        load_configs(options.config + options.argv)
    names = {"tk": toolkit, "gs": gs, "config_files": config_manager.loaded}
    names["jobs"] = [toolkit.load_job(folder) for folder in options.load]
    prompt = code.InteractiveConsole(names)
    for command in options.commands:
        prompt.runsource(command, "<command>", "exec")
    if not options.commands and not options.script:
        prompt.interact(banner="tk: toolkit, gs: settings, jobs: loaded jobs", exitmsg="")
    return 0
