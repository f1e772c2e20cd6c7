"""The write process: commands in, events out, one transaction."""
