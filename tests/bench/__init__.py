"""Speed: each row a ratio to the plain floor on the same machine in the same run. ``python -m tests.bench``."""
