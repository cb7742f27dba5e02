"""What every code means, one file per place where codes arise."""
