"""Broken files and wrong words, by the thousand, for every command (`python3 dev.py fuzz`)."""
