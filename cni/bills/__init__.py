"""Bills in the database: what runs are computed from, runs, documents, numbers and the books (rules F20 to F27)."""
