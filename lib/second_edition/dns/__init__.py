"""Edges to DNS: look-ups at authoritative servers, and the request to those who publish."""
