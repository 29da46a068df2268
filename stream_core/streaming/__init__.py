"""One reply or turn as an iteration of deltas: tasks, retries, cancellation, sync and async handles.

What runs on the event loop and what hands it to callers. May import `sdk` and what is below it.
"""
