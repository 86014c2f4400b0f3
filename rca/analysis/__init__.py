"""Says what went wrong: the rules engine from the catalog, language models where configured, and the chain of both."""
