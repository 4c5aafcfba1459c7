"""The directory of a job: set-up, markers, loading the job (contract.md, "Directories")."""

import gzip
import os
import pickle

from sisyphus import global_settings as gs


def absolute(job, *names: str) -> str:
    return os.path.join(gs.BASE_DIR, job._sis_path(*names))


def set_up(job) -> None:
    """Create the directory and write what a worker reads; repeated by each manager before it submits the job."""
    for folder in ("output", "work", "input", "engine"):
        os.makedirs(absolute(job, folder), exist_ok=True)
    for name in job._sis_output_dirs:
        os.makedirs(absolute(job, "output", name), exist_ok=True)
    _link_inputs(job)
    _replace(absolute(job, "info"), "".join(f"{line}\n" for line in _info_lines(job)).encode("utf-8"))
    _replace(absolute(job, "job.save"), gzip.compress(pickle.dumps(job, protocol=4), compresslevel=1))


def _link_inputs(job) -> None:
    for creator in {path.creator for path in job._sis_inputs if path.creator is not None}:
        name = creator.job_id().replace("/", "_")
        name = name if len(name) <= 255 else creator.job_id().rpartition("/")[2]
        set_link(absolute(job, "input", name), absolute(creator))


def _info_lines(job):
    yield from (f"TAG: {tag}" for tag in sorted(job.tags))
    yield from sorted(f"INPUT: {path.get_path()}" for path in job._sis_inputs)
    yield from sorted(f"PARAMETER: {name}: {_text(value)}" for name, value in job._sis_kwargs.items())
    yield from (f"ALIAS: {alias}" for alias in job.get_aliases())


def _text(value) -> str:
    try:
        return str(value)
    except Exception:  # must not stop the job; the text of an unset variable raises, for example
        return object.__repr__(value)


def _replace(path: str, content: bytes) -> None:
    with open(f"{path}.part", "wb") as file:
        file.write(content)
    os.replace(f"{path}.part", path)


def set_link(link: str, target: str) -> bool:
    """Make `link` point to `target`; whether it changed. An existing file or folder of that name is kept."""
    if os.path.islink(link):
        if os.readlink(link) == target:
            return False
    elif os.path.lexists(link):
        return False
    os.makedirs(os.path.dirname(link), exist_ok=True)
    os.symlink(target, f"{link}.part")
    os.replace(f"{link}.part", link)
    return True


def mark(path: str) -> None:
    """Create an empty marker file."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))


def load_job(folder: str):
    """The job of a directory that this engine set up, packed or not.

    :raises FileNotFoundError: if the directory holds no saved job
    :raises RuntimeError: if another engine saved it, in another format; its results can be used all the same
    """
    folder = os.path.join(gs.BASE_DIR, folder)
    folder = os.path.dirname(folder) if folder.endswith("job.save") else folder
    save, packed = os.path.join(folder, "job.save"), os.path.join(folder, "finished.tar.gz")
    if not os.path.exists(save) and os.path.exists(packed):
        import tarfile

        with tarfile.open(packed) as archive:
            member = next(name for name in archive.getnames() if os.path.basename(name) == "job.save")
            content = archive.extractfile(member).read()
    else:
        with open(save, "rb") as file:
            content = file.read()
    try:
        return pickle.loads(gzip.decompress(content))
    except AttributeError as error:
        raise RuntimeError(f"{save} was saved by another engine or another state of the recipe: {error}") from error


def missing_outputs(job) -> list[str]:
    """Declared outputs that do not exist, by name; variables with a backup value may stay unset."""
    outputs = sorted(job._sis_outputs.items())
    missing = [(name, path) for name, path in outputs if not os.path.exists(path.get_path())]
    return [name for name, path in missing if getattr(path, "backup", None) is None]
