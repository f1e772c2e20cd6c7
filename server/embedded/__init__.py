"""A private Postgres and a private Elasticsearch for one machine, and their supervisor."""
