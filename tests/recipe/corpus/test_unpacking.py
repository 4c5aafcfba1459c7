import gzip
import io
import random
import tarfile

import pytest

from recipe.corpus.unpacking import unpack
from recipe.errors import InputError


def member(name, data=b"data", **fields):
    info = tarfile.TarInfo(name)
    info.size = 0 if "type" in fields else len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, io.BytesIO(data)


def write_archive(path, *members):
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, data)
    return path


@pytest.fixture
def archive(tmp_path):
    noise = random.Random(0).randbytes(200_000)
    return write_archive(
        tmp_path / "corpus.tar.gz",
        member("TEDLIUM_release2/TEDLIUM.152k.dic"),
        member("TEDLIUM_release2/train/stm/Zoë.stm", noise),
        member("TEDLIUM_release2/train/sph/Zoë.sph", noise),
    )


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "out put" / "corpus"
    root.mkdir(parents=True)
    return root


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


WHOLE = ["TEDLIUM.152k.dic", "train/sph/Zoë.sph", "train/stm/Zoë.stm"]


def test_outer_folder_is_left_away(archive, root):
    unpack(archive, root)
    assert files_below(root) == WHOLE
    assert [path.name for path in root.parent.iterdir()] == ["corpus"]


def test_archive_without_an_outer_folder(tmp_path, root):
    unpack(write_archive(tmp_path / "a.tar.gz", member("train/stm/A.stm")), root)
    assert files_below(root) == ["train/stm/A.stm"]


def test_remains_of_an_earlier_attempt_vanish(archive, root):
    (root / "old").write_text("half")
    (root.parent / ".unpacking-corpus").mkdir()
    (root.parent / ".unpacking-corpus" / "train").write_text("half")
    unpack(archive, root)
    assert files_below(root.parent) == [f"corpus/{name}" for name in WHOLE]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.9, 0.999])
def test_truncated_archive_is_named(archive, root, share):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="corpus.tar.gz: damaged or cut off after"):
        unpack(archive, root)
    assert files_below(root.parent) == []


def test_truncation_between_two_members_is_noticed(archive, root):
    """Tar alone takes the end of data at a member's border for the end of the archive."""
    tar = gzip.decompress(archive.read_bytes())
    with tarfile.open(archive) as opened:
        border = opened.getmembers()[-1].offset
    packer = gzip.zlib.compressobj(wbits=31)
    data = packer.compress(tar[:border]) + packer.flush(gzip.zlib.Z_FULL_FLUSH)
    archive.write_bytes(data)
    with pytest.raises(InputError, match="cut off after .*Zoë.stm"):
        unpack(archive, root)


def test_damaged_byte_is_noticed(archive, root):
    data = bytearray(archive.read_bytes())
    data[-6] ^= 1  # in the checksum
    archive.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        unpack(archive, root)


@pytest.mark.parametrize(
    "bad",
    [
        member("../evil"),
        member("train/../../evil"),
        member("/tmp/evil"),
        member("train/link", type=tarfile.SYMTYPE, linkname="../../evil"),
        member("train/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("train/link", type=tarfile.LNKTYPE, linkname="../evil"),
        member("train/pipe", type=tarfile.FIFOTYPE),
        member("train/device", type=tarfile.CHRTYPE),
    ],
    ids=lambda bad: f"{bad[0].name}-{bad[0].type.decode()}-{bad[0].linkname}",
)
def test_unsafe_member_is_named_and_nothing_stays(tmp_path, root, bad):
    archive = write_archive(tmp_path / "corpus.tar.gz", member("train/stm/A.stm"), bad)
    with pytest.raises(InputError, match=f"corpus.tar.gz: the member '{bad[0].name}'.*do not use this archive"):
        unpack(archive, root)
    assert files_below(tmp_path) == ["corpus.tar.gz"]


def test_archive_of_something_else(tmp_path, root):
    with pytest.raises(InputError, match="no train folder"):
        unpack(write_archive(tmp_path / "a.tar.gz", member("photos/1.jpg")), root)


def test_no_gzip_file_at_all(archive, root):
    archive.write_text("<html>moved</html>")
    with pytest.raises(InputError, match="corpus.tar.gz: damaged"):
        unpack(archive, root)
