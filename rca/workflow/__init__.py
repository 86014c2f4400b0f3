"""Use cases, one for each message or request; each reads as the sentence that describes it."""
