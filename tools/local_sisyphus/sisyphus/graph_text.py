"""The graph as text: a tree for people, DOT for Graphviz."""

from collections.abc import Iterator

from sisyphus import state as st
from sisyphus.graph import Graph
from sisyphus.job import Job

_COLOURS = {st.FINISHED: "palegreen", st.RUNNING: "lightskyblue", st.QUEUE: "lightblue", st.RUNNABLE: "lightblue"}


def tree(graph: Graph, states: dict[Job, str], every_job: bool) -> Iterator[str]:
    """Each target with the jobs it needs below it; a job's own inputs are shown where it first stands.

    Nothing below finished jobs is shown, unless asked for every job: then they are followed as well.
    """
    shown: set[Job] = set()
    for target in graph.targets:
        creators = _creators(target.required)
        if every_job or any(not job._sis_is_finished() for job in creators):
            yield target.name
            stack = [(job, 1) for job in reversed(creators)]
            while stack:
                job, depth = stack.pop()
                state = st.FINISHED if job._sis_is_finished() else states.get(job, st.WAITING)
                inputs = _creators(job._sis_inputs) if every_job or state != st.FINISHED else []
                again = " (its inputs are above)" if job in shown and inputs else ""
                yield f"{'  ' * depth}{state}: {job.get_one_alias() or job.job_id()}{again}"
                if job not in shown:
                    shown.add(job)
                    stack.extend((creator, depth + 1) for creator in reversed(inputs))


def dot(graph: Graph, states: dict[Job, str], every_job: bool) -> Iterator[str]:
    """The same jobs as boxes coloured by state, creators above users."""
    jobs = graph.jobs() if every_job else list(states)
    names = {job: f"n{number}" for number, job in enumerate(jobs)}
    yield "digraph jobs {"
    yield "  node [shape=box, style=filled];"
    for job, name in names.items():
        state = st.FINISHED if job._sis_is_finished() else states.get(job, st.WAITING)
        colour = "tomato" if state in st.NEEDS_A_PERSON else _COLOURS.get(state, "white")
        label = f"{job.get_one_alias() or job.job_id()}\n{state}"
        yield f"  {name} [label={_quoted(label)}, fillcolor={colour}];"
    for job, name in names.items():
        yield from (f"  {names[creator]} -> {name};" for creator in _creators(job._sis_inputs) if creator in names)
    yield "}"


def _creators(paths) -> list[Job]:
    return sorted({path.creator for path in paths if path.creator is not None})


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
