#!/usr/bin/env python3
"""The search for job offers of France Travail, on this machine: tokens, pages, ceiling, windows,
errors and limits as the service was seen to behave. What it answers is invented.

    server.py --offers 100000 [--months 12] [--now 2026-11-01T00:00:00Z] [--ceiling 3150] ...

prints one line, `PORT`, and serves until its standard input ends. Beside the API:

    GET  /_/open            ids that are open now, a line each
    GET  /_/origin?of=1     how many of an origin are open now
    GET  /_/counts          requests so far, by what they asked and by status, JSON
    POST /_/vanish?id=ID    withdraws an offer
    POST /_/refuse?id=ID    refuses it where it is asked for by itself
    POST /_/appear?id=ID    puts it back, or makes one
"""

import argparse
import base64
import bisect
import collections
import datetime
import json
import random
import re
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SEARCH = "/partenaire/offresdemploi/v2/offres/search"
DETAIL = "/partenaire/offresdemploi/v2/offres/"
LISTS = "/partenaire/offresdemploi/v2/referentiel/"
TOKEN = "/connexion/oauth2/access_token"
CLIENT = ("PAR_daybook_test", "a-secret-of-nobody")
SCOPES = {"api_offresdemploiv2", "o2dsoffre"}
PAGE = 150

METIERS = [
    ("K1906", "Délégué / Déléguée à la protection des données - Data Protection Officer"),
    ("M1405", "Data scientist"),
    ("M1811", "Data engineer"),
    ("M1827", "Ingénieur / Ingénieure DevOps"),
    ("M1851", "Data analyst - Business Intelligence"),
    ("M1855", "Développeur / Développeuse web"),
]
# As the service numbers them: 2A and 2B, and the departments overseas.
DEPARTEMENTS = (
    [f"{n:02d}" for n in range(1, 96) if n != 20]
    + ["2A", "2B", "971", "972", "973", "974", "976"]
)
TOWNS = [
    ("75", "PARIS 11", 48.859, 2.378, "75011", "75111"),
    ("69", "LYON 03", 45.76, 4.849, "69003", "69383"),
    ("13", "Aix-en-Provence", 43.53, 5.447, "13100", "13001"),
    ("31", "Toulouse", 43.604, 1.444, "31000", "31555"),
    ("44", "Nantes", 47.218, -1.553, "44000", "44109"),
    ("59", "Lille", 50.63, 3.057, "59000", "59350"),
    ("33", "Bordeaux", 44.837, -0.579, "33000", "33063"),
    ("35", "Rennes", 48.117, -1.677, "35000", "35238"),
    ("67", "Strasbourg", 48.573, 7.752, "67000", "67482"),
    ("974", "ST DENIS", -20.88, 55.448, "97400", "97411"),
    ("2A", "Ajaccio", 41.926, 8.736, "20000", "2A004"),
    ("72", "Le Mans", 48.007, 0.197, "72000", "72181"),
]
CONTRACTS = [("CDI", "CDI"), ("CDD", "CDD - 6 Mois"), ("MIS", "Intérim - 3 Mois"), ("LIB", "Profession libérale")]
SALARIES = [
    "Annuel de 38000.0 Euros à 45000.0 Euros sur 12.0 mois",
    "Annuel de 52000.0 Euros sur 13.0 mois",
    "Mensuel de 2500.0 Euros à 3100.0 Euros sur 12.0 mois",
    "Mensuel de 1923.00 Euros sur 12 mois",
    "Horaire de 12.5 Euros à 14.0 Euros sur 12.0 mois",
]
# The first ones most often.
SORTS = [sort for n, sort in enumerate(["", " confirmé", " senior", " junior", " Python", " cloud", " Java", " banque", " santé"]) for _ in range(9 - n)]
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def offer_id(number):
    """Seven digits and letters."""
    signs = []
    for _ in range(7):
        number, sign = divmod(number, 36)
        signs.append(SIGNS[sign])
    return "".join(reversed(signs))


def iso(ms):
    at = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def seconds(text):
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return int(at.replace(tzinfo=datetime.timezone.utc).timestamp())


class Refused(Exception):
    """A 400, with its words."""


class Offers:
    """What is open, the newest first."""

    def __init__(self, args):
        self.args = args
        self.chance = random.Random(args.seed)
        self.now = seconds(args.now) * 1000
        self.lock = threading.Lock()
        self.by_id = {}
        self.made = 0
        # Of each origin: the negative creation and the id, in order.
        self.order = {"1": [], "2": []}
        span = args.months * 30.44 * 86_400_000
        for _ in range(args.offers):
            # Open offers are mostly young.
            age = min(self.chance.expovariate(4.0), 0.999_999)
            self.make(int(self.now - age * span), sort=False)
        for order in self.order.values():
            order.sort()

    def make(self, created, sort=True, number=None):
        number = self.made if number is None else number
        self.made += 1
        c = random.Random(f"{self.args.seed}/{number}")
        rome, label = METIERS[c.randrange(len(METIERS) - 1)]
        origin = "1" if c.random() < 0.5 else "2"
        contract, contract_label = c.choice(CONTRACTS)
        oid = offer_id(20_000_000_000 + number * 7919)
        offer = {
            "id": oid,
            "intitule": f"{label.split(' / ')[0].split(' - ')[0]}{c.choice(SORTS)} (H/F)",
            "description": f"Une offre inventée, numéro {number}.\n\n * Python\n * \"SQL\"; Linux",
            "dateCreation": iso(created),
            "dateActualisation": iso(min(self.now, created + c.randrange(86_400_000))),
            "romeCode": rome,
            "romeLibelle": label,
            "appellationlibelle": label,
            "typeContrat": contract,
            "typeContratLibelle": contract_label,
            "natureContrat": "Contrat travail",
            "experienceExige": c.choice("DSE"),
            "experienceLibelle": c.choice(["Débutant accepté", "2 An(s)", "4 An(s)"]),
            "dureeTravailLibelle": "35H/semaine\nTravail en journée",
            "dureeTravailLibelleConverti": c.choice(["Temps plein", "Temps partiel"]),
            "alternance": False,
            "contact": {},
            "agence": {},
            "nombrePostes": 1,
            "accessibleTH": c.random() < 0.1,
            "qualificationCode": "9",
            "qualificationLibelle": "Cadre",
            "codeNAF": "62.02A",
            "secteurActivite": "62",
            "secteurActiviteLibelle": "Conseil en systèmes et logiciels informatiques",
            "origineOffre": {"origine": origin, "urlOrigine": f"https://candidat.francetravail.fr/offres/recherche/detail/{oid}"},
            "offresManqueCandidats": False,
            "entrepriseAdaptee": False,
            "employeurHandiEngage": False,
        }
        if c.random() < 0.98:
            where, town, lat, lon, post, insee = c.choice(TOWNS)
            offer["lieuTravail"] = {"libelle": f"{where} - {town}", "latitude": lat, "longitude": lon, "codePostal": post, "commune": insee}
        else:
            where = None
            offer["lieuTravail"] = {"libelle": c.choice(["France", "Ile-de-France", "Belgique"])}
        if c.random() < 0.56:
            offer["entreprise"] = {"nom": f"CANARI {number} SARL", "entrepriseAdaptee": False}
            offer["contact"] = {
                "nom": f"CANARI {number} - Mme Personne",
                "courriel": f"Pour postuler, utiliser le lien suivant : https://candidat.francetravail.fr/offres/recherche/detail/{oid}",
                "coordonnees1": f"https://canari-{number}.example/postuler",
                "urlPostulation": f"https://canari-{number}.example/postuler",
            }
        if c.random() < 0.46:
            offer["salaire"] = {"libelle": c.choice(SALARIES)}
        if c.random() < 0.06:
            offer["competences"] = [{"code": "483320", "libelle": "Administrer une base de données", "exigence": "E"}]
        if c.random() < 0.2:
            offer["langues"] = [{"libelle": "Anglais", "exigence": "S"}]
        entry = (-created, oid)
        self.by_id[oid] = (entry, origin, rome, where, offer)
        if sort:
            bisect.insort(self.order[origin], entry)
        else:
            self.order[origin].append(entry)
        return oid

    def vanish(self, oid):
        known = self.by_id.pop(oid, None)
        if known is None:
            return False
        order = self.order[known[1]]
        place = bisect.bisect_left(order, known[0])
        del order[place]
        return True

    def churn(self):
        """Some go and some come, as a walk goes on."""
        rate = self.args.churn
        count = int(rate) + (self.chance.random() < rate % 1)
        for _ in range(count):
            order = self.order[self.chance.choice("12")]
            if order:
                self.vanish(order[self.chance.randrange(len(order))][1])
            age = min(self.chance.expovariate(4.0), 0.999_999)
            self.make(int(self.now - age * self.args.months * 30.44 * 86_400_000))

    def search(self, query):
        """(status, range, offers)"""
        start, end = span(query, self.args.ceiling)
        window = created(query)
        romes = listed(query, "codeROME", 200)
        places = listed(query, "departement", 5)
        if places is not None and not places <= set(DEPARTEMENTS):
            raise Refused("Valeur du paramètre « departement » incorrecte.")
        words = [word for word in query.get("motsCles", "").split(",") if word]
        if len(words) > 7:
            raise Refused("Valeur du paramètre « motsCles » incorrecte. 7 mots clés maximum.")
        if any(len(word.strip()) < 2 for word in words):
            raise Refused("Valeur du paramètre « motsCles » incorrecte.")
        origin = query.get("origineOffre")
        found, served = [], 0
        for each in ["1", "2"] if origin is None else [origin]:
            order = self.order[each]
            first, last = 0, len(order)
            if window:
                least, most = window
                closed = self.args.bounds == "closed"
                # Times have milliseconds, the ends of windows have none.
                first = bisect.bisect_left(order, (-most * 1000, "")) if closed else bisect.bisect_right(order, (-most * 1000, "~"))
                last = bisect.bisect_right(order, (-least * 1000, "~")) if closed else bisect.bisect_left(order, (-least * 1000, ""))
            for entry in order[first:last]:
                _, _, rome, where, offer = self.by_id[entry[1]]
                if romes is not None and rome not in romes:
                    continue
                if places is not None and where not in places:
                    continue
                if words and not all(word.strip().lower() in offer["intitule"].lower() for word in words):
                    continue
                found.append((entry, offer))
            if each == "1":
                served = len(found)
        total = len(found)
        if origin is None:
            # All are counted, and only those of the first origin are served.
            found = found[:served] if served else found
        if total == 0:
            return 204, "*/0", None
        page = [offer for _, offer in found[start : end + 1]]
        if not page:
            return 204, f"offres -1--1/{total}", None
        last = start + len(page) - 1
        status = 200 if start == 0 and len(page) == total else 206
        return status, f"offres {start}-{last}/{total}", page


def span(query, ceiling):
    text = query.get("range", f"0-{PAGE - 1}")
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text)
    if not match:
        raise Refused("Format du paramètre « range » incorrect. <entier>-<entier> attendu.")
    start, end = int(match[1]), int(match[2])
    most = ceiling - PAGE
    if start > most:
        raise Refused(f"La position de début doit être inférieure ou égale à {most}.")
    if end < start or end - start >= PAGE:
        raise Refused("La plage de résultats demandée est trop importante.")
    return start, end


def created(query):
    least, most = query.get("minCreationDate"), query.get("maxCreationDate")
    if least is None and most is None:
        return None
    if least is None or most is None:
        raise Refused("Les paramètres « minCreationDate » et « maxCreationDate » sont dépendants et doivent être renseignés ensemble.")
    try:
        return seconds(least), seconds(most)
    except ValueError:
        raise Refused("Format du paramètre « minCreationDate » ou « maxCreationDate » incorrect.") from None


def listed(query, name, most):
    if name not in query:
        return None
    values = query[name].split(",")
    if len(values) > most or not all(values):
        raise Refused(f"Valeur du paramètre « {name} » incorrecte.")
    return set(values)


def check(query):
    """Parameters with a closed list of values."""
    def one(name, good):
        if name in query and not good(query[name]):
            raise Refused(f"Valeur du paramètre « {name} » incorrecte.")

    one("origineOffre", lambda v: v in ("1", "2"))
    one("sort", lambda v: v in ("0", "1", "2"))
    one("publieeDepuis", lambda v: v in ("1", "3", "7", "14", "31"))
    one("distance", lambda v: v.isdigit())
    for name in ("tempsPlein", "inclureLimitrophes", "accesTravailleurHandicape", "offresMRS", "offresManqueCandidats", "entreprisesAdaptees", "employeursHandiEngages"):
        one(name, lambda v: v in ("true", "false"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "api", ""

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind=None, headers=()):
        self.server.counts[f"status {status}"] += 1
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def json(self, status, value, headers=()):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.answer(status, body, "application/json;charset=UTF-8", headers)

    def refuse(self, why, status=400):
        code = "1" if status == 400 else "0"
        self.json(status, {"message": why, "codeHttp": status, "codeErreur": code})

    def split(self):
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        # Names that it does not know are passed over, and so is a header `Range`.
        return path, {name.strip(): value for name, value in pairs}

    def __getattr__(self, name):
        if name.startswith("do_"):
            return lambda: self.answer(405, headers=[("Allow", "GET")])
        raise AttributeError(name)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        path, query = self.split()
        server = self.server
        if path == TOKEN:
            return self.token(query, dict(urllib.parse.parse_qsl(body)))
        if path == "/_/refuse":
            server.refused.add(query.get("id", ""))
            return self.answer(200, b"True", "text/plain")
        if path == "/_/vanish":
            with server.offers.lock:
                gone = server.offers.vanish(query.get("id", ""))
            return self.answer(200, str(gone).encode())
        if path == "/_/appear":
            with server.offers.lock:
                made = server.offers.make(server.offers.now - 1000)
            return self.answer(200, made.encode())
        return self.answer(404)

    def token(self, query, form):
        self.server.counts["token"] += 1
        if self.headers.get("Authorization", "").startswith("Basic"):
            return self.answer(409, b"<html><body><h1>Conflict</h1></body></html>", "text/html")
        if query.get("realm") != "/partenaire":
            return self.json(400, {"error": "invalid_request", "error_description": "Invalid realm"})
        if form.get("grant_type") != "client_credentials":
            return self.json(400, {"error": "unsupported_grant_type", "error_description": "Grant type is not set"})
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            return self.json(400, {"error": "invalid_client", "error_description": "Client authentication failed"})
        if not set(form.get("scope", "").split()) >= SCOPES:
            return self.json(400, {"error": "invalid_scope", "error_description": "Unknown/invalid scope(s)"})
        token = base64.urlsafe_b64encode(random.randbytes(20)).decode().rstrip("=")
        life = self.server.args.token_life
        self.server.tokens[token] = time.monotonic() + life
        self.json(200, {"scope": form["scope"], "expires_in": life, "token_type": "Bearer", "access_token": token})

    def do_GET(self):
        path, query = self.split()
        server = self.server
        if path == "/_/open":
            with server.offers.lock:
                return self.answer(200, "".join(f"{oid}\n" for oid in server.offers.by_id).encode(), "text/plain")
        if path == "/_/origin":
            with server.offers.lock:
                return self.answer(200, str(len(server.offers.order[query["of"]])).encode())
        if path == "/_/counts":
            return self.json(200, server.counts)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if server.tokens.get(bearer, 0) < time.monotonic() and bearer != server.args.any_token:
            server.counts["unauthorized"] += 1
            return self.answer(401, headers=[("WWW-Authenticate", "Bearer")])
        left = server.bucket.take()
        limits = [
            ("X-Ratelimit-Burst-Capacity-Clientidlimiter", "10"),
            ("X-Ratelimit-Replenish-Rate-Clientidlimiter", "10"),
            ("X-Ratelimit-Remaining-Clientidlimiter", str(max(left, 0))),
            ("X-Ratelimit-Requested-Tokens-Clientidlimiter", "1"),
        ]
        if left < 0:
            return self.answer(429, b"Too Many Requests", "text/plain", [*limits, ("Retry-After", "1")])
        if server.fails.random() < server.args.errors:
            return self.refuse("Erreur technique. Veuillez réessayer ultérieurement.", 500)
        if path == SEARCH:
            return self.search(query, limits)
        if path.startswith(LISTS):
            return self.list(path.removeprefix(LISTS), limits)
        if path.startswith(DETAIL):
            return self.detail(path.removeprefix(DETAIL), limits)
        return self.answer(404)

    def search(self, query, limits):
        server = self.server
        server.counts[f"search origin {query.get('origineOffre')}"] += 1
        try:
            check(query)
            with server.offers.lock:
                status, told, page = server.offers.search(query)
                server.offers.churn()
        except Refused as refused:
            return self.refuse(str(refused))
        headers = [*limits, ("Content-Range", told), ("Accept-Range", "150")]
        if page is None:
            return self.answer(status, headers=headers)
        counted = collections.Counter(offer["typeContrat"] for offer in page)
        filters = [{"filtre": "typeContrat", "agregation": [{"valeurPossible": v, "nbResultats": n} for v, n in sorted(counted.items())]}]
        return self.json(status, {"resultats": page, "filtresPossibles": filters}, headers)

    def detail(self, oid, limits):
        self.server.counts["detail"] += 1
        if oid in self.server.refused or not re.fullmatch(r"[0-9A-Z]{7}", oid):
            return self.refuse("Le format de l'id de l'offre recherchée est incorrect.")
        with self.server.offers.lock:
            known = self.server.offers.by_id.get(oid)
        if known is None:
            return self.answer(204, headers=limits)
        return self.json(200, known[4], limits)

    def list(self, name, limits):
        self.server.counts[f"list {name}"] += 1
        rows = {
            "metiers": [{"code": code, "libelle": label} for code, label in METIERS],
            "departements": [{"code": code, "libelle": code, "region": {"code": "00", "libelle": "Région"}} for code in DEPARTEMENTS],
        }.get(name, [])
        known = "appellations nafs communes continents departements domaines langues metiers naturesContrats niveauxFormations pays permis regions secteursActivites themes typesContrats"
        if name not in known.split():
            return self.answer(404)
        return self.json(200, rows, [*limits, ("Content-Range", f"{name} */{len(rows)}")])


class Bucket:
    """Ten at once, and ten more a second."""

    def __init__(self, rate):
        self.rate, self.left, self.at, self.lock = rate, float(rate), time.monotonic(), threading.Lock()

    def take(self):
        if not self.rate:
            return 10
        with self.lock:
            now = time.monotonic()
            self.left = min(self.rate, self.left + (now - self.at) * self.rate)
            self.at = now
            if self.left < 1:
                return -1
            self.left -= 1
            return int(self.left)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--offers", type=int, default=1000)
    parser.add_argument("--months", type=float, default=12)
    parser.add_argument("--now", default="2026-11-01T00:00:00Z")
    parser.add_argument("--ceiling", type=int, default=3150, help="3150, in older documents 1150")
    parser.add_argument("--churn", type=float, default=0, help="offers that go, and that come, with each page")
    parser.add_argument("--bounds", choices=["closed", "open"], default="closed")
    parser.add_argument("--burst", type=int, default=10, help="requests a second; 0: any")
    parser.add_argument("--errors", type=float, default=0, help="share of answers that are 500")
    parser.add_argument("--token-life", type=int, default=1499)
    parser.add_argument("--any-token", default=None, help="a token that is always good")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    server.daemon_threads = True
    # Who asks may go away at any time.
    server.handle_error = lambda *_: None
    server.args, server.offers, server.tokens = args, Offers(args), {}
    server.counts, server.bucket, server.refused = collections.Counter(), Bucket(args.burst), set()
    server.fails = random.Random(args.seed + 1)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
