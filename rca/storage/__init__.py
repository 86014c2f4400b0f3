"""Table, Queue and Blob adapters; the only place that knows Azure Storage."""
