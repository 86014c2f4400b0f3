"""Pure values and rules; nothing here does I/O."""
