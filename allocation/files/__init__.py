"""Requests, policies and packs as files and back."""
