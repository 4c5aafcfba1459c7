"""The base of all job classes of the recipe: what enters their ids, how long they take, which code made them."""

from typing import TYPE_CHECKING, ClassVar

from sisyphus import Job, Task, tk

from recipe.code_record import recording
from recipe.versions import deciding_versions

if TYPE_CHECKING:
    from recipe.estimates import Rates


class _Version:
    """What a job class answers when Sisyphus asks for its `__sis_version__`; None leaves the id alone."""

    def __get__(self, instance: object, owner: "type[RecipeJob]") -> str | None:
        return ", ".join(filter(None, (owner.revision, deciding_versions(owner.__module__)))) or None


class RecipeJob(Job):
    """A job whose id also holds its `revision` and the versions of the packages that decide its numbers."""

    __sis_version__ = _Version()
    revision: ClassVar[str | None] = None
    """Changed when the same arguments give other outputs than before: jobs finished earlier no longer count."""
    starts_warm: ClassVar[bool] = False
    """Whether its tasks need torch and are short, so that importing it counts: the bundled engine forks them from a
    process that has it. Enters no id."""
    waits_for: ClassVar[tuple[str, ...]] = ()
    """Arguments that the job only waits for: paths that decide no bytes of its outputs, and enter no id."""

    def __init_subclass__(cls, **options) -> None:
        """Let the tasks of the class leave a record of the code that they ran (`recipe.code_record`)."""
        super().__init_subclass__(**options)
        if "tasks" in vars(cls):
            cls.tasks = recording(cls.tasks)  # type: ignore[method-assign]

    @classmethod
    def hash(cls, parsed_args):
        """The digest of the arguments but those that the job only waits for."""
        return super().hash({name: value for name, value in parsed_args.items() if name not in cls.waits_for})

    def deciding_inputs(self) -> set[tk.Path]:
        """The inputs that the outputs are made from."""
        return set(self._sis_inputs) - {getattr(self, name) for name in self.waits_for}

    def planned_tasks(self) -> list[Task]:
        """The tasks with what they ask for, as an engine sees them."""
        tasks = list(self.tasks())
        for task in tasks:
            task.set_job(self)
        return tasks

    def asks_for_gpu(self) -> bool:
        """Whether its first task does."""
        return bool(self.planned_tasks()[0].rqmt().get("gpu"))

    def estimated_hours(self, rates: "Rates", audio_h: float) -> float | None:
        """Hours that all tasks of the job take together; None for a job that is short.

        Every job class says its own; one that is short derives from ShortJob.

        :param rates: what one task gets done
        :param audio_h: hours of audio that enter the job, at its recorded speed
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how long it takes: define estimated_hours")


class ShortJob(RecipeJob):
    """A job of minutes at most, whatever the corpus: plans do not add it up."""

    def estimated_hours(self, rates: "Rates", audio_h: float) -> None:
        """None: short."""
