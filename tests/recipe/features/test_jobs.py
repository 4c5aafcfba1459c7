import pytest
from sisyphus import tk

from recipe.errors import InputError
from recipe.features.jobs import LogMelJob


def test_ids_are_those_of_before_shards_were_called_so():
    """A stored id: existing features stay valid."""
    job = LogMelJob(tk.Path("/corpus"), tk.Path("/segments.xml.gz"), num_shards=3)
    assert job.job_id() == "features/jobs/LogMelJob.qebMetQhOk1F"
    assert len(job.out_hdfs) == 3


@pytest.mark.parametrize(("name", "value"), [("num_shards", 0), ("speed_factor", 0.4)])
def test_arguments_that_cannot_be(name, value):
    with pytest.raises(InputError, match=f"LogMelJob.{name} is {value}"):
        LogMelJob(tk.Path("/corpus"), tk.Path("/segments.xml.gz"), **{name: value})
