"""The steps around the products of a read-out as one small C file: where it is compiled, it replaces torch operations.

Without a compiler, on another device than the CPU and in traced graphs the torch operations run; the values are equal
bit by bit.
"""
