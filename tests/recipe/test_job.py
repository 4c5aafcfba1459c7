"""What all job classes of the recipe share."""

from sisyphus import tk

from recipe.features.jobs import LogMelJob


def test_what_a_job_only_waits_for_enters_neither_its_id_nor_what_decides_its_outputs():
    root, segments, gate = tk.Path("/corpus"), tk.Path("/segments.xml.gz"), tk.Path("/report.json")
    job = LogMelJob(root, segments, num_shards=3, corpus_report=gate)
    assert job.job_id() == LogMelJob(root, segments, num_shards=3).job_id()
    assert job.job_id() == "features/jobs/LogMelJob.qebMetQhOk1F"
    job = LogMelJob(root, segments, num_shards=5, corpus_report=gate)  # made nowhere else, and without the gate
    assert job._sis_inputs == {root, segments, gate}
    assert job.deciding_inputs() == {root, segments}
