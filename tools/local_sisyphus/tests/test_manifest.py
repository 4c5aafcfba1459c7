"""Manifests of finished jobs, and finding damage with them."""

import os
import shutil
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sisyphus.manifest import damages, read_manifest, write_manifest


@pytest.fixture
def job(tmp_path):
    (tmp_path / "output" / "deep" / "empty").mkdir(parents=True)
    (tmp_path / "output" / "größe.txt").write_bytes(bytes(range(256)))
    (tmp_path / "output" / "deep" / "empty file").touch()
    (tmp_path / "output" / "deep" / "link").symlink_to("empty file")
    (tmp_path / "output" / "folder link").symlink_to("deep")
    write_manifest(str(tmp_path))
    return tmp_path


def found(job) -> list[str]:
    return sorted(damages(str(job), read_manifest(str(job))))


def test_a_manifest_holds_every_file(job):
    sizes = {name: entry.get("bytes") for name, entry in read_manifest(str(job)).items()}
    assert sizes == {
        "output/größe.txt": 256,
        "output/deep/empty file": 0,
        "output/deep/link": None,
        "output/folder link": None,
    }
    assert found(job) == []
    assert sorted(os.listdir(job)) == ["manifest", "output"]


def test_damage_is_named(job):
    text = job / "output" / "größe.txt"
    text.write_bytes(bytes(range(255)))
    (job / "output/deep/empty file").unlink()
    assert found(job) == [
        "output/deep/empty file is missing",
        "output/deep/link is missing",
        "output/größe.txt is truncated: 255 of 256 bytes",
    ]
    text.write_bytes(bytes(257))
    assert "output/größe.txt has grown: 257 of 256 bytes" in found(job)
    shutil.rmtree(job / "output")
    assert len(found(job)) == 4


@given(position=st.integers(0, 255), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(tmp_path_factory, position, bit):
    job = tmp_path_factory.mktemp("job")
    (job / "output").mkdir()
    content = bytearray(range(256))
    (job / "output" / "x").write_bytes(content)
    write_manifest(str(job))
    content[position] ^= 1 << bit
    (job / "output" / "x").write_bytes(content)
    assert found(job) == ["output/x holds other bytes than were written"]


def test_the_manifest_of_a_packed_job_counts(job):
    with tarfile.open(job / "finished.tar.gz", "w:gz") as archive:
        archive.add(job / "manifest", "manifest")
    (job / "manifest").unlink()
    assert found(job) == []
    (job / "output" / "größe.txt").unlink()
    assert found(job) == ["output/größe.txt is missing"]
    (job / "finished.tar.gz").write_bytes((job / "finished.tar.gz").read_bytes()[:50])
    with pytest.raises(ValueError, match="finished.tar.gz"):
        read_manifest(str(job))


def test_damaged_jobs_are_named_and_mended(project):
    work = project.finished("config/graphs.whole")
    assert project.sis("verify").stdout == project.sis("verify", "config/graphs.whole").stdout
    whole = project.sis("verify")
    assert whole.returncode == 0 and whole.stdout.startswith("5 finished jobs, 13 files"), whole.stdout

    first, second, third = sorted(work.glob("demo/Write.*"))
    (first / "output/text.txt").write_text("")
    (second / "manifest").write_text("{")
    (third / "manifest").unlink()
    result = project.sis("verify", "config/graphs.whole")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    relative = first.relative_to(project.folder)
    assert lines[0].startswith(f"{relative}: output/text.txt is truncated: 0 of ")
    assert lines[1] == f"  to repair it: ./sis clear '{relative}', then start the manager again"
    assert lines[2].startswith(f"{second.relative_to(project.folder)}: the manifest cannot be read")
    assert lines[4].endswith(": 2 jobs damaged")
    assert lines[5].startswith("1 of them have no manifest and were not checked")

    assert project.sis("clear", str(relative), "first/writer", f"demo/{third.name}").returncode == 0
    assert not any(job.exists() for job in (first, second, third))
    assert "is no job" in project.sis("clear", str(relative)).stderr
    assert "is no job" in project.sis("clear", "recipe").stderr
