"""How records travel and are ruled on: no input or output of its own; used by phone and server alike."""
