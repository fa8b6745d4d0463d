"""Runs in the environment of the peers: `peer.py requests|dlt`, with what is wanted on its input.

Prints one line of JSON at its end: how many bodies it hands over. A failure ends it as Python
does, with what the library says.
"""

import json
import sys


def plain_requests(want):
    """requests as its first page has it: get, raise_for_status, json."""
    import requests

    verify = want["ca"] or True
    delivered = 0
    for url in want["urls"]:
        options = {"headers": want["headers"], "timeout": want["timeout"], "verify": verify}
        if want["method"] == "POST":
            answer = requests.post(url, json={"query": 1}, **options)
        else:
            answer = requests.get(url, **options)
        answer.raise_for_status()
        if answer.status_code == 204:
            continue
        answer.json()
        delivered += 1
    return delivered


def dlt_client(want):
    """dlt's RESTClient with its own session, retries, paginators and auth."""
    from dlt.sources.helpers import requests as own
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.auth import (
        APIKeyAuth,
        BearerTokenAuth,
        OAuth2ClientCredentials,
    )
    from dlt.sources.helpers.rest_client.paginators import (
        HeaderLinkPaginator,
        SinglePagePaginator,
    )

    headers, auth = dict(want["headers"]), None
    if "Authorization" in headers:
        auth = BearerTokenAuth(headers.pop("Authorization").removeprefix("Bearer "))
    elif headers:
        auth = APIKeyAuth(*headers.popitem(), location="header")
    if want["token_url"]:
        auth = OAuth2ClientCredentials(access_token_url=want["token_url"], client_id="check",
                                       client_secret="client-secret-42")
    session = own.Client(request_timeout=want["timeout"], raise_for_status=False).session
    if want["ca"]:
        session.verify = want["ca"]
    base = want["urls"][0].rpartition("/")[0]
    client = RESTClient(base_url=base, headers=headers, auth=auth, session=session)
    delivered = 0
    for url in want["urls"]:
        pages = HeaderLinkPaginator() if want["pages"] else SinglePagePaginator()
        more = {"json": {"query": 1}} if want["method"] == "POST" else {}
        for page in client.paginate(url, want["method"], paginator=pages, **more):
            delivered += 1 if page.response.status_code != 204 else 0
    return delivered


def main():
    want = json.load(sys.stdin)
    run = {"requests": plain_requests, "dlt": dlt_client}[sys.argv[1]]
    print(json.dumps({"delivered": run(want)}))


if __name__ == "__main__":
    main()
