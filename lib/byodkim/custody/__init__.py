"""The custodian: the only process with AWS credentials and the private key, and the client that asks it."""
