"""What looks at the wire in a session: the recording, and the trace of the last reply."""
