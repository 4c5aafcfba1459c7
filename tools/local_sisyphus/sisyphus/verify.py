"""`sis verify`: finding damaged results."""

import os
from collections.abc import Iterator

from sisyphus import global_settings as gs
from sisyphus.graph import graph
from sisyphus.loader import load_configs
from sisyphus.manifest import damages, read_manifest
from sisyphus.role import set_role


def verify(options) -> int:
    """Compare the outputs of finished jobs with their manifests; 0 if none is damaged.

    With configs: all jobs of their graph; without: everything in the work directory. What `finished_job_remarks` of
    settings.py says about the jobs follows; it does not change the exit status.
    """
    if options.config + options.argv:
        set_role("manager")
        load_configs(options.config + options.argv)
        folders = [job._sis_path() for job in graph.jobs() if job._sis_finished()]
    else:
        folders = sorted(_finished_folders())
    damaged, unknown, files, size = 0, 0, 0, 0
    for folder in folders:
        try:
            entries = read_manifest(os.path.join(gs.BASE_DIR, folder))
            found = [] if entries is None else list(damages(os.path.join(gs.BASE_DIR, folder), entries))
        except (ValueError, KeyError, TypeError) as error:
            entries, found = {}, [f"the manifest cannot be read ({error})"]
        unknown += entries is None
        files += len(entries or ())
        size += sum(entry.get("bytes", 0) for entry in (entries or {}).values())
        if found:
            damaged += 1
            print("\n".join(f"{folder}: {sentence}" for sentence in found))
            print(f"  to repair it: ./sis clear '{folder}', then start the manager again", flush=True)
    print(f"{len(folders)} finished jobs, {files} files, {size / 1e6:.1f} MB: {damaged} jobs damaged")
    if unknown:
        print(f"{unknown} of them have no manifest and were not checked: another engine or an older one finished them")
    for line in gs.finished_job_remarks(folders):
        print(line)
    return 1 if damaged else 0


def _finished_folders() -> Iterator[str]:
    for folder, folders, files in os.walk(os.path.join(gs.BASE_DIR, gs.WORK_DIR), followlinks=True):
        if "finished" in files or "finished.tar.gz" in files:
            yield os.path.relpath(folder, gs.BASE_DIR)
        if "job.save" in files or "finished.tar.gz" in files:
            folders.clear()  # nothing but the job's own files below
        folders[:] = [name for name in folders if ".cleared." not in name]
