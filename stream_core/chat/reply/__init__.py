"""One turn of the chat: its request, the run of the reply, tools and permission, spending."""
