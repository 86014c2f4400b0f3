"""Root cause analysis: the rules engine, the prompt, LLM providers and the chain that picks one."""
