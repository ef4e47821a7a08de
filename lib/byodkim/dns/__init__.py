"""Ask name servers, find the zone of a domain, and write the request to the DNS team."""
