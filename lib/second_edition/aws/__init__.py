"""Edges to AWS: the SES identity, the key store (Secrets Manager and S3). Used inside the custodian only."""
