"""Codes that others assigned: what a well-formed one is, and what is wrong with one that is not.

One module a family. ``parse_…`` takes what a person typed or a scanner read and gives the code in its one spelling, or raises InputError with
the place that is wrong; ``format_…`` writes it as people print it. Well-formed is not genuine: nothing here knows what was ever assigned.
No error repeats the code it is about: a person may have typed something else into the field, their identity number for one.
"""
