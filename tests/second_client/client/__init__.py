"""A client of Relais written from docs/protocol.md, docs/formats.md and the schemas alone.

It exists to prove that these documents suffice. It shares no code with the C++ client, keeps its
state in memory, and is no product: what a station must store durably is held for one test only.
"""
