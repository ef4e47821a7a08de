"""The custodian, the only process with AWS credentials and private key, and its client."""
