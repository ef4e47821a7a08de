"""Decide which hosts a session calls: those of botocore's own models, or the one named; none without TLS of its own.

A service model decides where a call goes, whatever endpoint was named. botocore looks for models in ``AWS_DATA_PATH``,
in the AWS configuration's ``data_path`` and in ``~/.aws/models``, too: none of them counts here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from second_edition.dkim.names import is_loopback

#: The partitions' domains. Source: botocore's ``partitions.json``.
_DOMAIN: Final = (
    r"(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
#: After a service's name in a host of AWS: the kind, the Region and the partition's domain.
_OF_AWS: Final = (
    r"(-fips)?(\.dualstack)?(\.(aws-)?[a-z-]*global|\.us-gov|\.[a-z]{2,4}(-[a-z]+)+-[0-9]+)?"
    rf"\.({_DOMAIN}|api\.aws|api\.amazonwebservices\.(com\.cn|eu))"
)
#: The variable that names where a container has its credentials, and AWS's hosts of them (ECS, EKS Pod Identity).
CONTAINERS: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_OF_CONTAINERS: Final = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")
_REGION: Final = re.compile(r"\.([a-z]{2,4}(?:-[a-z]+)+-[0-9]+)\.")
#: What is asked to sign in, and AWS's hosts of it.
SIGN_IN: Final = {
    "sts": re.compile(rf"sts{_OF_AWS}|vpce-[a-z0-9-]+\.sts(-fips)?\.[a-z0-9-]+\.vpce\.{_DOMAIN}"),
    "sso": re.compile(rf"portal\.sso{_OF_AWS}"),
    "sso-oidc": re.compile(rf"oidc{_OF_AWS}"),
}


class Unsent(BotoCoreError):  # type: ignore[misc] # botocore carries no types
    """A call was refused before anything of it left."""


class Unencrypted(Unsent):
    """An endpoint has no TLS, and is on another machine."""

    fmt = "{endpoint} is reached without encryption, and a private key may go there"


class UserPart(Unsent):
    """An endpoint is given with a user name or a password."""

    fmt = "the endpoint at {host} is given with a user name or a password, which records would show"


class NoAddress(Unsent):
    """An endpoint is no address."""

    fmt = "the endpoint given for {service} is no address"


class Elsewhere(Unsent):
    """Containers' credentials are to be asked for on another machine."""

    fmt = "{variable} names {host}, which is neither this machine nor AWS's address for containers"


class Foreign(Unsent):
    """A call was about to leave for another host than its client was made for."""

    fmt = "{operation} was about to go to {host}; the client was made for {expected}, and nothing was sent"


class Apart(Unsent):
    """What signs in, or says whose account it is, is asked elsewhere than at AWS and elsewhere than SES."""

    fmt = "{service} is named at {told}, SES at {ses}; only AWS itself, or the host that SES is asked at, signs in"


class OwnModels(Loader):  # type: ignore[misc] # botocore carries no types
    """Load botocore's own models, without a look into each folder: 20 ms of ``tests.second_edition.bench.command``."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's
        """Return the names of all folders of services."""
        return sorted(path.name for path in Path(self.BUILTIN_DATA_PATH).iterdir())


def trust_own_models(session: Session) -> None:
    """Let a session load service models and endpoint rules from botocore's own folder alone."""
    own = OwnModels(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", own)


def trust_public_authorities(session: Session) -> None:
    """Let no CA bundle of the environment or the AWS configuration count: who ends TLS on the way reads the keys."""
    session.set_config_variable("ca_bundle", True)  # certifi's, and REQUESTS_CA_BUNDLE is not looked at


def guard(client: Any) -> None:
    """Refuse what a client would send elsewhere than to the host that it was made for, or without encryption.

    Raises:
        Unencrypted: it was made for such a place.
        UserPart: its endpoint holds a user name or a password.
        NoAddress: its endpoint cannot be read.
    """
    made_for, service = client.meta.endpoint_url, client.meta.service_model.service_name
    own = _require_encryption(made_for, service)
    if own.auth is not None:
        raise UserPart(host=own.netloc)
    fitting = _pattern(_host(own), service)

    def check(request: Any, event_name: str, **_: object) -> None:
        """botocore's ``before-send``: the request is signed, and nothing of it has left."""
        url = _require_encryption(request.url, service)
        if not fitting.fullmatch(_host(url)) or (url.scheme, url.port) != (own.scheme, own.port):
            raise Foreign(operation=event_name.rpartition(".")[2], host=url.netloc, expected=made_for)

    client.meta.events.register_first("before-send", check)


def check_containers(environment: Mapping[str, str]) -> None:
    """Refuse another place for containers' credentials than this machine and AWS's own addresses: a token goes there.

    Source: AWS SDKs and Tools Reference Guide, "Container credential provider".

    Raises:
        Elsewhere: one is named.
    """
    if not (named := environment.get(CONTAINERS)):
        return
    try:
        host = _host(parse_url(named))
    except LocationParseError:
        host = ""
    if not is_loopback(host) and host not in _OF_CONTAINERS:
        raise Elsewhere(variable=CONTAINERS, host=host or "-")


def watch(session: Session, ses: Callable[[], Any], usual: Callable[[str, str], Any]) -> None:
    """Guard what a session sends to sign in, by a client of its own (for a role, SSO) or by one of ours.

    That goes to a host of AWS for the service, to SES's own host, or to this machine where SES is too. Else a variable
    of the environment would lead a token that stands for credentials elsewhere, or change which account the credentials
    seem to belong to.

    Args:
        session: before any client is made of it.
        ses: gives the client of SES.
        usual: gives a client of a service in a Region ("" for the session's) whose endpoint nobody has named.

    """

    def check(request: Any, event_name: str, **_: object) -> None:
        """botocore's ``before-send``: raise ``Unencrypted`` or ``Apart`` where the request would go elsewhere."""
        service = event_name.split(".")[1]
        if service not in SIGN_IN:
            return
        url, own = _require_encryption(request.url, service), ses().meta.endpoint_url
        told, of_ses = _host(url), _host(parse_url(own))
        if told == of_ses or (is_loopback(told) and is_loopback(of_ses)) or SIGN_IN[service].fullmatch(told):
            return
        region = _REGION.search(told)
        if told != _host(parse_url(usual(service, region[1] if region else "").meta.endpoint_url)):
            raise Apart(service=service, told=f"{url.scheme}://{url.netloc}", ses=own)

    session.register("before-send", check)


def is_here(client: Any) -> bool:
    """Return whether a client's endpoint is on this machine."""
    return is_loopback(_host(parse_url(client.meta.endpoint_url)))


def _host(url: Url) -> str:
    """Return the host, of an IPv6 address what stands between its brackets."""
    return (url.host or "").strip("[]")


def _pattern(host: str, service: str) -> re.Pattern[str]:
    """Return which hosts fit: the client's own, S3's buckets of it, and AWS's other names of a service of AWS."""
    bucket = r"([^/]+\.)?" if service == "s3" else ""
    name = host.partition(".")[0].removesuffix("-fips")
    others = rf"|{re.escape(name)}{_OF_AWS}" if re.fullmatch(re.escape(name) + _OF_AWS, host) else ""
    return re.compile(f"{bucket}({re.escape(host)}{others})")


def _require_encryption(endpoint: str, service: str) -> Url:
    """Return an endpoint's parts, as the library that connects takes them: others read a backslash otherwise."""
    try:
        url = parse_url(endpoint)
    except LocationParseError:  # which names it in full, with a password where there is one
        raise NoAddress(service=service) from None
    if url.scheme != "https" and not is_loopback(_host(url)):
        raise Unencrypted(endpoint=f"{url.scheme}://{url.netloc}")
    return url
