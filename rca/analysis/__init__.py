"""Root cause analysis: what went wrong, how sure that is, and what to do.

`rules` answers from the catalog alone, offline and at once; it is also what stands when no model can be asked.
"""
