"""Says what went wrong: the rules engine, from the catalog alone."""
