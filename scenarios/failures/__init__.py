"""Events and what they take: circuits, key pairs, minutes a year; and what comes back."""
