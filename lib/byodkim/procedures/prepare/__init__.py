"""Make and store the next key pair, and write the request to the DNS team."""
