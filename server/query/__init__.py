"""The read process: searches from the index, histories from the database."""
