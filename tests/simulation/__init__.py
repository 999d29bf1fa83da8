"""Seeded histories of phones and one server: the real engine, workflows, stores and services under a virtual clock and a bad network.

``python -m tests.simulation --histories 20000 --seed 1``. A history is wholly determined by its seed.
"""
