"""What reactivity costs, measured against plain ipykernel in the same run.

``python -m benchmarks`` prints one table; docs/benchmarks.md explains its rows.
"""
