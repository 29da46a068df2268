"""The process itself: its standard streams, its garbage collector, and its end. Imports no other part."""
