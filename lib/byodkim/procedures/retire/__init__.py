"""Withdraw a selector that SES no longer signs with: its key record, its private key, its entry in the secret."""
