"""From the write-ahead log to the index."""
