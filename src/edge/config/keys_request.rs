//! The keys of what a request carries: its body, and who asks.

use super::key::Kind::{Line, Many, Named, Table, Text, Words};
use super::key::{Group, Key, Kind, NEEDED, SPAN, URL, group, key};
use super::keys_condition::CONDITION;

/// How a request proves who asks.
pub(super) const AUTHS: [&str; 5] =
    ["http_basic", "bearer", "api_key", "oauth2_client_credentials", "oauth2_refresh_token"];

/// What stands in `[fetch]` of it.
pub(super) const REQUEST: &[Key] = &[
    key(
        "method",
        Words(|| vec!["GET", "POST"]),
        "`POST` beside a body, else `GET`",
        "a POST is for publishers who take a question in no other way; it is not repeated within a \
         run where it may have arrived",
    ),
    key("params", Named(&Text), "none", "pairs of the query, behind those of `url`; templates too"),
    key("body", Table(&JSON), "none", "a body of JSON: a table, of which the texts are templates"),
    key("form", Named(&Text), "none", "a body as of a form: a table of texts, templates too"),
    key("graphql", Table(&GRAPHQL), "none", "a body that asks in GraphQL"),
    key("auth", Table(&AUTH), "none", "how it proves who asks, see [below](#who-asks)"),
    key(
        "tls",
        Table(&TLS),
        "those whom the machine trusts, and no certificate of its own",
        "whom its connections trust and as whom they come, see [below](#certificates)",
    ),
];

pub(super) static TLS: Group = group(
    "[fetch.tls]",
    &[&[
        key("ca", Line, "", "a PEM file beside the declarations: authorities, in place of others"),
        key("certificate", Line, "", "a PEM file: the certificate, and those above it"),
        key("key", Line, "the same file", "a PEM file that you alone can read: its key"),
    ]],
);

/// Its names are free.
static JSON: Group = Group { is_open: true, ..group("a body of JSON", &[]) };

pub(super) static GRAPHQL: Group = group(
    "[fetch.graphql]",
    &[&[
        key("query", Line, NEEDED, "the question, as it is: no template"),
        key("variables", Table(&JSON), "none", "a table, of which the texts are templates"),
    ]],
);

pub(super) static AUTH: Group = group(
    "[fetch.auth]",
    &[&[
        key("type", Words(|| AUTHS.to_vec()), NEEDED, "how; see above"),
        key("username", Line, "", "of `http_basic`, needed: a template"),
        key("password", Line, "", "of `http_basic`, needed: `{secret:NAME}`"),
        key("token", Line, "", "of `bearer`, needed: `{secret:NAME}`"),
        key("name", Line, "`Authorization`", "of `api_key`: the name of the header or the pair"),
        key("api_key", Line, "", "of `api_key`, needed: a template with `{secret:NAME}`"),
        key(
            "location",
            Words(|| vec!["header", "query"]),
            "`header`",
            "of `api_key`: where it stands",
        ),
        key("access_token_url", URL, "", "of OAuth 2, needed: where tokens are asked for"),
        key("client_id", Line, "", "of OAuth 2, needed: a template"),
        key(
            "client_secret",
            Line,
            "none",
            "of OAuth 2: `{secret:NAME}`; of client credentials needed",
        ),
        key(
            "refresh_token",
            Line,
            "",
            "of `oauth2_refresh_token`, needed: `{secret:NAME}`, the first one",
        ),
        key("scope", Line, "none", "of OAuth 2: what the token is for"),
        key(
            "access_token_request_data",
            Named(&Text),
            "none",
            "of OAuth 2: further pairs of the form that asks for a token, templates too",
        ),
        key(
            "client_authentication",
            Words(|| vec!["header", "form"]),
            "`header`",
            "of OAuth 2: where the client's id and secret stand",
        ),
        key(
            "expired",
            Many(&Kind::Shared(&CONDITION)),
            "none",
            "of OAuth 2: a list of conditions on an answer: where one holds, the token is spent, \
             and the request is made once more with a new one; `401` always says so",
        ),
        key(
            "default_token_expiration",
            SPAN,
            "`1h`",
            "of OAuth 2: how long a token lives that does not say it, `1m` to `366d`",
        ),
    ]],
);
