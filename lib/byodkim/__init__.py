"""Rotate the BYODKIM selector of Amazon SES identities, by notebooks that leave a signed record."""
