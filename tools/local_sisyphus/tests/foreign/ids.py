"""Builds the graph and prints the ids of its jobs, one a line."""

from config.graph import graph
from sisyphus import tk

graph()
todo, seen = [target_path.creator for target in tk.sis_graph.targets for target_path in target.required], set()
while todo:
    job = todo.pop()
    if job is not None and job not in seen:
        seen.add(job)
        todo.extend(path.creator for path in job._sis_inputs)
print("\n".join(sorted(job.job_id() for job in seen)))
