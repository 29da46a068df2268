"""The store of a team: one PostgreSQL for several people and machines. Only importer of `psycopg`.

May import what `store` may, and the store's protocol. Nothing but `chat/saved` imports it.
"""
