"""The read views, one file each."""
