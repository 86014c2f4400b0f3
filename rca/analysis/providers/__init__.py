"""LLM providers behind one small port; an SDK is loaded when its provider is first asked."""
