"""Real processes killed at random: a server and three phones on their own files, over a line that drops, stalls and cuts. ``python -m tests.kills``."""
