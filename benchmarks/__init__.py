"""Benchmarks: ratios of things measured side by side in the same run. `python -m benchmarks [GROUP...]`."""
