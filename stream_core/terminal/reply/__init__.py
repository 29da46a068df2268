"""A reply while it arrives: batching of deltas, parts, the live region, frames, and the plain view.

The only threads of the terminal live here. May import `terminal.markdown` and what is below it.
"""
