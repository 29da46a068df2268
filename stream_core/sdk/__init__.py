"""Everything that knows the `anthropic` package: clients, opened streams, what its exceptions mean.

The only importer of `anthropic` and its transport. May import `core`, `models` and `texts`.
"""
