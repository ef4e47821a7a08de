"""Switch an identity to a selector whose key pair is stored and whose key record is served."""
