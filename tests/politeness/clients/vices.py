"""The polite client with one vice each: the check that is about that vice must see it."""

import clients.polite as polite
from clients.base import Client
from clients.polite import Bad, Hold, Memory
from clients.polite_http import Link
from clients.rude import ALL
from model import HOUR


class OnlyTag(Memory):
    """sends one validator of two"""

    def fields(self, *parts):
        sent = super().fields(*parts)
        if "If-None-Match" in sent:
            sent.pop("If-Modified-Since", None)
        return sent


class OldTag(Memory):
    """keeps the first ETag for ever"""

    def taken(self, address, place, memory, *answer):
        before = memory.get(place, {}).get("etag")
        done = super().taken(address, place, memory, *answer)
        if before and place in memory:
            memory[place]["etag"] = before
        return done


class Fails304(Memory):
    """takes 304 for a failure"""

    def unchanged(self, *parts):
        raise Hold(0, "answered 304")


class NotRefreshed(Memory):
    """keeps the headers of the first answer through a 304"""

    def unchanged(self, memory, place, source, fields):
        return 304, fields, memory[place]["body"]


class TakesTag(Memory):
    """puts the ETag of a 304 on the body that it has"""

    def unchanged(self, memory, place, source, fields):
        memory[place]["etag"] = fields.get("etag")
        return 304, fields, memory[place]["body"]


class NotBehind(Memory):
    """knows validators for the declared address only"""

    def fields(self, place, source, memory):
        return super().fields(place, source, memory if place == source else {})


class ExpiresFirst(Memory):
    """lets Expires win"""

    def keep_fresh(self, source, fields):
        if "expires" in fields:
            fields.all.pop("cache-control", None)
        super().keep_fresh(source, fields)


class NoCacheIsFresh(Memory):
    """overlooks no-cache"""

    def keep_fresh(self, source, fields):
        fields.all["cache-control"] = [fields.get("cache-control", "").replace("no-cache", "x")]
        super().keep_fresh(source, fields)


class OneStrike(Memory):
    """takes a limit of rate for an ordinary failure"""

    def leave_alone(self, url, hold):
        hold.seconds = 0
        super().leave_alone(url, hold)


class Steady(Memory):
    """asks a failing server each minute"""

    def leave_alone(self, url, hold):
        self.known[url]["failures"] = 0
        super().leave_alone(url, hold)


class GoesOn(Memory):
    """goes on with the loop after 429"""

    def leave_alone(self, url, hold):
        hold.whole = False
        super().leave_alone(url, hold)


class OnTheDot(Memory):
    """asks all hourly sources at one minute"""

    def is_due(self, url):
        if self.want.every != "1h" or url not in self.known:
            return super().is_due(url)
        asked, now = self.known[url]["asked"], self.case.now()
        self.known[url]["asked"] = now if asked // HOUR != now // HOUR else asked
        return asked // HOUR != now // HOUR


class AnyName(Memory):
    """does not look at the name in a certificate"""

    def exchange(self, *parts):
        self.links = Unnamed(bool(self.want.trust))
        return super().exchange(*parts)


class Unnamed(dict):
    def __init__(self, ours):
        super().__init__()
        self.ours = ours

    def pop(self, where, otherwise=None):
        link = Link(*where, self.ours)
        if where[0] == "https":
            link.link._context.check_hostname = False
        return link


class HalfSet(Memory):
    """hands over the pages that it has got"""

    def authorized(self, address, source):
        try:
            return super().authorized(address, source)
        except Hold:
            if address == source:
                raise
            return 200, {}, b"{}"


class Everywhere(Memory):
    """sends its key wherever it goes"""

    def fields(self, *parts):
        return super().fields(*parts) | (self.want.secrets or {})


class Insists(Memory):
    """scrapes while robots.txt is out of order"""

    def allowed(self, url):
        super().allowed(url)
        rules = self.robots[0]
        return polite.may(rules or "", "/" + url.split("/", 3)[3])


class Timid(Memory):
    """scrapes nowhere without a robots.txt that says so"""

    def allowed(self, url):
        return super().allowed(url) and bool(self.robots[0])


class Everybody(Memory):
    """goes by the rules for all"""

    def allowed(self, url):
        super().allowed(url)
        rules = (self.robots[0] or "").replace("polite", "another")
        return polite.may(rules, "/" + url.split("/", 3)[3])


class AsksRobots(Memory):
    """asks for robots.txt each time"""

    def allowed(self, url):
        self.robots = None
        return super().allowed(url)


class OldRobots(Memory):
    """keeps robots.txt for ever"""

    def allowed(self, url):
        allowed = super().allowed(url)
        self.robots = (self.robots[0], float("inf"))
        return allowed


class PingFails(Memory):
    """fails with its ping"""

    def ping(self):
        status, _, _ = self.exchange(self.publisher.url("/ping/polite"), "GET", {})
        if status != 200:
            raise Bad("ping")

    def run(self, run):
        try:
            return super().run(run)
        except Bad as bad:
            return polite.Report(False, 0, str(bad))


VICES = {
    OnlyTag: "P05", OldTag: "P07", Fails304: "P09", NotRefreshed: "P10 P22", TakesTag: "P11",
    NotBehind: "P14", ExpiresFirst: "P19", NoCacheIsFresh: "P21", OneStrike: "P27 P28 P38",
    Steady: "P30 P32 P36 P37", GoesOn: "P39", OnTheDot: "P46", AnyName: "P64",
    HalfSet: "P83", Everywhere: "P55 P56 P84", Insists: "P89", Timid: "P88", Everybody: "P91",
    AsksRobots: "P90", OldRobots: "P90", PingFails: "P93",
}


class Vicious(Client):
    keeps, version = ALL, "1.0"

    def __init__(self, kind):
        self.kind, self.name = kind, f"the polite one that {kind.__doc__}"

    def session(self, case, folder):
        return self.kind(self, case, folder)
