import json

import pytest

from recipe.errors import InputError
from recipe.formats.learned import Learned, read_learned, write_learned

JUDGED = Learned(
    learned=True,
    loss=0.8,
    priors_loss=3.75,
    blank_share=0.5,
    deletion_share=0.2,
    label_error_percent=25.0,
    utterances=100,
)


def test_a_verdict_is_read_as_written(tmp_path):
    write_learned(tmp_path / "learned.json", JUDGED)
    assert read_learned(tmp_path / "learned.json") == JUDGED


@pytest.mark.parametrize("change", [{"learned": "yes"}, {"loss": None}, {"other": 1.0}])
def test_another_content_is_refused(tmp_path, change):
    (tmp_path / "learned.json").write_text(json.dumps(vars(JUDGED) | change))
    with pytest.raises(InputError, match="no verdict on a training"):
        read_learned(tmp_path / "learned.json")


def test_a_broken_file_is_refused(tmp_path):
    (tmp_path / "learned.json").write_text("[1")
    with pytest.raises(InputError, match="not a whole JSON"):
        read_learned(tmp_path / "learned.json")
    (tmp_path / "learned.json").write_text("[1]")
    with pytest.raises(InputError, match="no verdict"):
        read_learned(tmp_path / "learned.json")
