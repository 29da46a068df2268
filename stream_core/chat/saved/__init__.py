"""Everything that outlives a turn: saving replies while they arrive, reopening conversations, exports."""
