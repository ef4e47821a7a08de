"""Words of a session with AWS that cannot be made: one sentence, and the command that mends it."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "no-profile": "There is no AWS profile named {profile} on this machine.",
    "no-profile.todo": "List those that there are (aws configure list-profiles) and correct the name (aws_profile or store_profile), or create it: aws configure sso --profile {profile}",
    "no-credentials": "No AWS credentials were found for {profile}.",
    "expired": "The AWS sign-in of {profile} has expired ({code}).",
    "not-accepted": "AWS does not accept the credentials of {profile} ({code}).",
    "region": "AWS has no Region of the name that was given.",
    "region.todo": "Correct region in byodkim.toml, or give -p region, e.g. ap-northeast-1; then run the same command again.",
    "untrusted": "No TLS connection to AWS was made for {operation}: no public certificate authority vouches for what answers in its place ({code}{message}).",
    "untrusted.todo": "Have the proxy that opens TLS pass connections to AWS through unopened, because whoever opens them reads the private key; a CA bundle of your own (AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, ca_bundle) does not count, nor does the certificate of a private authority at endpoint_url. Then run the same command again.",
    "unreached": "AWS did not answer {operation} ({code}).",
    "unreached.todo": "Check network, proxy and endpoint_url, then run the same command again.",
    "apart": "Nobody can say to which account the credentials of {profile} belong{message}.",
    "apart.todo": "Take the endpoint of that service out of the environment (AWS_ENDPOINT_URL_STS, _SSO, _SSO_OIDC) and the AWS configuration (endpoint_url), or name a host of AWS there. Then run the same command again.",
    "unencrypted": "AWS was not asked: an endpoint has no TLS{message}.",
    "unencrypted.todo": "Name it with https, or take it out, wherever it is named: endpoint_url (the parameter or byodkim.toml), the environment (AWS_ENDPOINT_URL and the variables of single services) or the AWS configuration. Then run the same command again.",
    "no-address": "AWS was not asked{message}.",
    "no-address.todo": "Correct it wherever it is named: endpoint_url (the parameter or byodkim.toml), the environment (AWS_ENDPOINT_URL and the variables of single services) or the AWS configuration. Then run the same command again.",
    "user-part": "AWS was not asked{message}.",
    "user-part.todo": "Take user name and password out of the endpoint's address: the credentials of AWS sign every call. Then run the same command again.",
    "other": "No session with AWS could be made for {profile} ({code}{message}).",
    "other.todo": "Check aws_profile and region; sign in again where the sign-in has expired: {command}",
    "unreadable": "AWS answered {operation} in a form that this version cannot read.",
    "unreadable.todo": "Check endpoint_url and any proxy, then run again; if the answer stays as it is, report it.",
    "todo": "Sign in, then run the same command again: {command}",
    "profile": "the AWS profile {profile}",
    "default": "the default AWS profile",
    "command": "aws sso login --profile {profile}",
    "command.default": "aws sso login (the default profile; another one is named by AWS_PROFILE or by aws_profile in byodkim.toml)",
}
