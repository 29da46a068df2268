"""What outlives a turn: saving while a reply arrives, going back to a conversation, exports."""
