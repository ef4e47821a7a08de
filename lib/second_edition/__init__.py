"""byodkim: an audited procedure that rotates the BYODKIM selector of Amazon SES identities."""

__version__ = "0.1.0"
