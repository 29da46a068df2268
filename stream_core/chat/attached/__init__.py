"""Files that a person sends with a question: found, taken in, described, and measured against limits."""
