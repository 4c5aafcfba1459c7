"""Jobs: identity, arguments, edges, names, and what a worker gets."""

import dataclasses
import html
import os
import pickle
import subprocess

import pytest
from sisyphus import Job, Path, gs
from sisyphus.hash import short_hash
from sisyphus.http_server import object_to_html
from sisyphus.job_directory import load_job, mark, set_up
from sisyphus.tools import extract_paths

pytestmark = pytest.mark.usefixtures("base")
MODULE = __name__.replace(".", "/")


@dataclasses.dataclass(frozen=True)
class Options:
    source: object
    factor: int = 1


class Simple(Job):
    made = 0

    def __init__(self, text, strip=True, *rest, factor=1.0, **more):
        type(self).made += 1
        self.text = text
        self.more = more
        self.out = self.output_path("out.txt")
        self.out_folder = self.output_path("folder", directory=True)
        self.value = self.output_var("value")


class Excluding(Job):
    __sis_hash_exclude__ = {"extra": None}
    __sis_hash_overwrite__ = [("text", "new", "old")]

    def __init__(self, text, extra=None):
        self.out = self.output_path("out")


class Versioned(Excluding):
    __sis_version__ = 2


class Hashing(Simple):
    @classmethod
    def hash(cls, parsed_args):
        return super().hash({"text": parsed_args["text"]})


def test_id_is_module_class_and_hash_of_all_bound_arguments():
    job = Simple("a", False, 1, 2, factor=3.0, extra="x")
    bound = {"text": "a", "strip": False, "rest": (1, 2), "factor": 3.0, "more": {"extra": "x"}}
    assert job.job_id() == f"{MODULE}/Simple.{short_hash(bound)}"
    assert Simple.__module__.removeprefix("recipe.") == Simple.__module__


@pytest.mark.parametrize("module, folder", [("recipe.demo.text", "demo/text"), ("config.g3", "config/g3")])
def test_a_leading_recipe_is_no_part_of_the_id(monkeypatch, module, folder):
    monkeypatch.setattr(Simple, "__module__", module)
    assert Simple("a").job_id().startswith(f"{folder}/Simple.")


def test_the_settings_may_name_another_hash(monkeypatch):
    monkeypatch.setattr(gs, "SIS_HASH", lambda value: f"{len(str(value))}")
    assert Excluding("abc").job_id() == f"{MODULE}/Excluding.{len(str({'text': 'abc'}))}"
    assert Versioned("abc").job_id() == f"{MODULE}/Versioned.{len(str(({'text': 'abc'}, 2)))}"


def test_equal_arguments_give_the_same_object():
    before = Simple.made
    job = Simple("a", strip=True)
    assert Simple(text="a") is job is Simple("a", factor=1.0)
    assert Simple.made == before + 1
    assert Simple("a", factor=1) is not job
    with pytest.raises(TypeError):
        Simple()


def test_spelling_of_arguments_does_not_matter():
    job = Simple("x", False, factor=2.0)
    assert job is Simple(factor=2.0, strip=False, text="x") is Simple("x", strip=False, factor=2.0)


def test_hooks_of_the_identity():
    plain = f"{MODULE}/Excluding.{short_hash({'text': 'a'})}"
    assert Excluding("a").job_id() == Excluding("a", extra=None).job_id() == plain
    assert Excluding("a", extra=1).job_id() == f"{MODULE}/Excluding.{short_hash({'text': 'a', 'extra': 1})}"
    assert Excluding("new").job_id() == Excluding("old").job_id()
    assert Versioned("a").job_id() == f"{MODULE}/Versioned.{short_hash(({'text': 'a'}, 2))}"
    assert (
        Hashing("a", False).job_id() == Hashing("a", True).job_id() == f"{MODULE}/Hashing.{short_hash({'text': 'a'})}"
    )


def test_a_job_owns_its_arguments():
    options = {"list": [1]}
    job = Simple("a", options=options)
    options["list"].append(2)
    assert job.more == {"options": {"list": [1]}}


def test_inputs_are_found_in_containers_objects_and_the_outputs_of_jobs():
    makers = [Simple(str(number)) for number in range(6)]
    paths = [maker.out for maker in makers]
    external = Path("data.txt")
    job = Simple(
        [paths[0], (paths[1],)],
        nested={"key": {"deep": paths[2]}, "options": Options(source=paths[3])},
        sum=makers[4].value + 1,
        external=external,
    )
    job.add_input(paths[5])
    assert job._sis_inputs == {*paths[:4], makers[4].value, paths[5], external}
    assert job.out not in job._sis_inputs
    assert extract_paths({"_sis_hidden": paths[0], paths[1]: 1}) == set()


def test_tags_come_from_the_arguments():
    maker = Simple("a", sis_tags={"left"})
    assert Simple(maker.out).tags == {"left"} and Simple([maker.out], sis_tags={"own"}).tags == {"own"}
    assert Simple("a").job_id() == maker.job_id()


def test_aliases_carry_every_output_folder_that_requested_the_job(monkeypatch):
    job = Simple("a")
    monkeypatch.setattr(gs, "ALIAS_AND_OUTPUT_SUBDIR", "second")
    Simple("a").add_alias("name")
    assert job.get_aliases() == ["name", "second/name"]
    assert "alias/name" in repr(job)


def test_outputs_may_be_declared_once():
    job = Simple("a")
    assert job.output_path("out.txt") is job.out
    with pytest.raises(AssertionError):
        job.output_var("value")
    assert job.value.get() is None


def test_a_saved_job_is_frozen_to_its_place(base):
    maker = Simple("a")
    job = Simple(maker.out, maker=maker.out)
    set_up(job)
    loaded = load_job(job._sis_path())
    assert type(loaded) is Simple and loaded.job_id() == job.job_id()
    assert loaded.text.creator is None and loaded.text.get_path() == f"{base}/work/{maker.job_id()}/output/out.txt"
    assert loaded.out.get_path() == f"{base}/work/{job.job_id()}/output/out.txt"
    assert os.path.isdir(job.out_folder.get_path())
    link = base / "work" / job.job_id() / "input" / maker.job_id().replace("/", "_")
    assert os.readlink(link) == f"{base}/work/{maker.job_id()}"
    assert len(pickle.dumps(job)) < 3000  # no creator, no graph behind it


def test_shell_commands_fill_in_attributes(capfd):
    job = Simple("a b")
    assert job.sh("printf '%s' '{text}' {{}} {more}", capture_output=True, more="c") == "a b{}c"
    with pytest.raises(Exception, match="returned non-zero exit status 1"):
        job.sh("false | cat")
    assert job.sh("exit 3", except_return_codes=(3,)) is None
    assert job.sh("exit 0", except_return_codes=(141,)) is None
    with pytest.raises(subprocess.CalledProcessError):
        job.sh("exit 3", except_return_codes=(141,))


def test_names_that_recipes_take_from_the_real_engine(base):
    job = Simple("a")
    assert job._sis_id() == job.job_id()
    job._sis_setup_directory()
    assert os.path.isdir(job._sis_path(gs.JOB_OUTPUT)) and os.path.isdir(job._sis_path(gs.JOB_WORK_DIR))
    saved = os.stat(job._sis_path("job.save")).st_ino
    job._sis_setup_directory()
    assert os.stat(job._sis_path("job.save")).st_ino == saved
    assert not job._sis_finished()
    mark(job._sis_path("finished"))
    assert job._sis_finished()
    assert html.unescape(object_to_html(["<b>"])) == "<pre>['<b>']</pre>" and "<b>" not in object_to_html(["<b>"])


def test_a_bad_digest_is_refused(monkeypatch):
    monkeypatch.setattr(Hashing, "hash", classmethod(lambda cls, parsed_args: "a b"))
    with pytest.raises(ValueError, match="'a b'"):
        Hashing("z")
