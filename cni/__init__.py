"""What people touch: command line, database, life of a round."""
