"""What any process needs; knows nothing of claims."""
