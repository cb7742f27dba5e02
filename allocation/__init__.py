"""One round as a pure function: offer + requests + policy -> award + proof + reasons."""
