"""pytest plugin: names of the real engine's insides that its suite needs to be importable, for runs on another engine.

They hold no behaviour that is under test; whatever needs more of the insides fails and is listed in
test_foreign_code.py.
"""

import contextlib
import types

from sisyphus import global_settings, graph, tools

tools.execute_in_dir = contextlib.chdir
tools.finished_results_cache = types.SimpleNamespace(reset=lambda: None)
tools.cache_result = tools.hardlink_or_copy = lambda *arguments: lambda function: function
graph.SISGraph, graph.OutputPath = graph.Graph, graph.OutputTarget
global_settings.TEST_DIR = "tests"
