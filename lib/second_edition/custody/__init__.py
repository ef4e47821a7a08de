"""The custodian: the short-lived child process that alone holds a private key and talks to AWS."""
