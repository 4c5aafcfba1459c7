import pytest

from recipe.report.job_records import JobRecord
from recipe.report.stages import by_stage, code_note, code_table, job_classes, seeds_table, stages_table


def record(job_id, used_h=0.0, memory_gb=0.0, seeds=(), cpu_h=None, changed=None):
    return JobRecord(
        job_id=job_id,
        alias="",
        seeds=tuple(seeds),
        used_h=used_h,
        memory_gb=memory_gb,
        cpu_h=cpu_h,
        changed_modules=changed,
    )


JOBS = [
    record("scoring/jobs/ScoreJob.a", 0.1),
    record("training/jobs/ReturnnTrainingJob.b", 0.5, 1.5, [("seed", 42)]),
    record("training/jobs/ReturnnTrainingJob.c", 0.3, 2.5, [("seed", 42)]),
    *(record(f"hardware/jobs/ProgramDeviceJob.{k}", 0.01, seeds=[("device_seed", k)]) for k in range(1, 11)),
    record("somewhere/else/OtherJob.d", seeds=[("odd_seed", 3), ("odd_seed", 9)]),
]


def test_time_is_summed_per_kind_in_the_order_of_the_data():
    assert list(by_stage(JOBS)) == ["training", "hardware", "scoring", "somewhere"]
    training = job_classes(JOBS)[0]
    assert (training.name, len(training.jobs), training.memory_gb) == ("ReturnnTrainingJob", 2, 2.5)
    assert training.used_h == pytest.approx(0.8)
    assert sum(one.share for one in job_classes(JOBS)) == pytest.approx(1)
    assert sum(len(one.jobs) for one in job_classes(JOBS)) == len(JOBS)


def test_the_table_gives_seconds_and_a_sum():
    table = stages_table(JOBS)
    assert table.rows[0] == ["training", "ReturnnTrainingJob", "2", "2,880", "", "80.0 %", "2.5"]
    assert table.rows[-1][:6] == ["all", "", "14", "3,600", "", "100.0 %"]
    assert stages_table([]).rows[-1][2] == "0"


def test_cpu_time_is_given_where_the_engine_noted_it_of_every_job():
    noted = [record("a/Job.1", 0.2, cpu_h=0.1), record("a/Job.2", 0.2, cpu_h=0.2)]
    assert stages_table(noted).rows[0][4] == "1,080"
    assert stages_table([*noted, record("a/Job.3", 0.1)]).rows[0][4] == "≥ 1,080"


def test_seeds_of_many_jobs_become_one_line():
    assert seeds_table(JOBS) == [
        ("training: initial weights, order, dropout", "ReturnnTrainingJob", "seed", "42"),
        ("devices", "ProgramDeviceJob", "device_seed", "1 to 10"),
        ("", "OtherJob", "odd_seed", "3, 9"),
    ]


def test_results_of_other_code_are_listed_by_module_and_kind():
    jobs = [
        *(record(f"scoring/jobs/ScoreJob.{name}", changed=("recipe/scoring/wer.py",)) for name in "ab"),
        record("report/jobs/TablesJob.c", changed=("recipe/scoring/bootstrap.py", "recipe/scoring/wer.py")),
        record("lm/jobs/ArpaJob.d", changed=()),
        record("lm/jobs/ArpaJob.e"),
    ]
    assert code_table(jobs) == [
        ("recipe/scoring/bootstrap.py, recipe/scoring/wer.py", "TablesJob", ["report/jobs/TablesJob.c"]),
        ("recipe/scoring/wer.py", "ScoreJob", ["scoring/jobs/ScoreJob.a", "scoring/jobs/ScoreJob.b"]),
    ]
    assert code_note(jobs) == (
        "1 of 5 jobs were made by the code that made this report, 3 by other code, 1 have no record of their code."
    )
    assert code_note(jobs[3:4]) == "1 of 1 jobs were made by the code that made this report."
    assert code_table(jobs[3:]) == []
