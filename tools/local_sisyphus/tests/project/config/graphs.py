"""Graphs of the engine's end-to-end tests."""

from recipe.demo import Count, Fail, Fill, Grow, InputError, Join, Report, Wait, Write
from sisyphus import tk


def half():
    pieces = Write("c", parts=3)
    tk.register_output("c/pieces", pieces.out_pieces)
    return [Write("a"), Write("bb"), pieces]


def whole():
    writers = half()
    writers[0].add_alias("first/writer")
    files, lengths = [writer.out_file for writer in writers], [writer.out_length for writer in writers]
    first = Join(files, lengths, options={"weights": [1, 0.5], "name": None})
    second = Join([first.out_file, *files[:1]])
    tk.register_output("joined/first.txt", first.out_file)
    tk.register_output("joined/second.txt", second.out_file)
    tk.register_output("length", lengths[1])


def takes(work, mode):
    whole()
    tk.import_work_directory(work, mode=mode)


def failures():
    for kind in ("input", "exception", "killed", "group killed", "third time", "too big", "missing output"):
        tk.register_output(f"failures/{kind}", Fail(kind).out_file)
    tk.register_output("behind", Join([Fail("input").out_file]).out_file)


def fails(*kinds):
    for kind in kinds:
        tk.register_output(f"failures/{kind}", Fail(kind).out_file)


def waits():
    tk.register_output("done.txt", Join([Wait("one").out_file]).out_file)


def waits_beside_external():
    waits()
    external()


def waits_detached():
    tk.register_output("done.txt", Wait("three", detached=True).out_file)


def counts(steps=40):
    counted = [Count(name, steps).out_file for name in "ab"]
    tk.register_output("counted.txt", Join(counted).out_file)


def fills():
    tk.register_output("filled.txt", Join([Fill().out_file]).out_file)


def waits_without_resume():
    tk.register_output("done.txt", Wait("two", resumable=False).out_file)


def seen():
    tk.register_output("seen.txt", Report().out_file)


def grows():
    tk.register_output("grown.txt", Grow(Write("four").out_length).out_file)


def external():
    tk.register_output("joined.txt", Join([tk.Path("later.txt")]).out_file)


def sets_up():
    external()
    tk.setup_job_directory(tk.sis_graph.jobs()[0])


def at_once():
    tk.run(Write("now").out_file)
    tk.register_report("report.txt", {"length": Write("now").out_length}, template="length {length}\n")
    tk.register_callback(print, "called back", Write("now").out_length)


def wrong():
    number = 9
    if number > 8:
        raise InputError("weight_bits is 9; give 1 to 8.")


def many(count):
    for number in range(count):
        tk.register_output(f"many/{number}", Join([Write(f"text {number}").out_file]).out_file)
