"""Benchmarks: nncli against what one would write by hand. Run them with `make bench`.

Every contender is a process of its own that prints one line of JSON: `marks`, a list of (step, seconds since its training began),
and `accuracy` on the test part or null. In a round each contender of a workload runs once, in turn; ratios are taken within it.
"""
