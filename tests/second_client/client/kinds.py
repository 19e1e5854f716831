"""A kind's bundle, and who may sign which act: docs/formats.md, section 9."""

import datetime

from . import crypto, wire
from .directory import split_address
from .forms import Form
from .names import SLUG, has_rpps
from .refused import require

BUNDLE_BYTES_MAX = 524288
LISTS_MAX = {"roles": 16, "thread_states": 16, "party_states": 16, "publics": 16, "acts": 32,
             "clocks": 8, "rows": 256, "forms": 64}
BOOLEAN, CODE, INTEGER, DAY = 1, 2, 3, 4
OPENER = 1
ACT = 1
START_CLOCK = 5


class Kind:
    """One bundle, checked against the entry that published it."""

    def __init__(self, data, published, test):
        require(len(data) <= BUNDLE_BYTES_MAX, "too_large", "bundle")
        self.digest = crypto.sha256(data)
        require(self.digest == published["digest"], "digest_mismatch", "bundle")
        self.content = wire.read("KindBundle", data)
        require((self.content["format"], self.content["name"], self.content["version"])
                == (2, published["name"], published["version"]), "invalid_field", "bundle")
        for name, limit in LISTS_MAX.items():
            require(len(self.content[name]) <= limit, "too_large", name)
        self.acts = self._named("acts")
        self.publics = {public["number"]: public for public in self.content["publics"]}
        self.forms = {name: Form(form["schema"], test)
                      for name, form in self._named("forms").items()}
        self._check_places()

    def _named(self, group):
        made = {item["name"]: item for item in self.content[group]}
        require(len(made) == len(self.content[group]), "invalid_field", f"{group}: names")
        return made

    def _check_places(self):
        opening = [act for act in self.acts.values() if act["opens"]]
        require(opening, "invalid_field", "an act opens")
        for act in self.acts.values():
            require(SLUG.fullmatch(act["name"]), "invalid_field", "act")
            require(all(place < len(self.content["roles"]) for place in act["roles"]),
                    "invalid_field", "role")
            require(all(use["number"] in self.publics for use in act["public"]),
                    "invalid_field", "public field")
            require(act["form"] is None or act["form"] in self.forms, "invalid_field", "form")
            require(all(name in self.acts for name in act["together"]), "invalid_field", "act")

    def payload(self, act, answers):
        form = self.acts[act]["form"]
        return self.forms[form].encode(answers) if form else b""

    def answers(self, act, payload):
        """What a payload says. Refused: form_invalid, over_budget."""
        form = self.acts[act]["form"]
        if form is None:
            require(payload == b"", "form_invalid", "a payload without a form")
            return None
        return self.forms[form].decode(payload)

    def public_number(self, name):
        return next(number for number, public in self.publics.items() if public["name"] == name)

    def check_header(self, header):
        """The act exists; lane, public fields, agreement and delay are the act's."""
        act = self.acts.get(header["act"])
        require(act, "act_refused", header["act"])
        require(act["lanes"] >> header["lane"] & 1, "lane_refused")
        said = {field["field"]: field["value"] for field in header["public"] or ()}
        uses = {use["number"]: use["mandatory"] for use in act["public"]}
        require(set(said) <= set(uses) and all(number in said for number in uses if uses[number]),
                "public_field_refused")
        for number, value in said.items():
            require(self._allowed(self.publics[number], value), "public_field_refused")
        agreement = self.content["agreement"]
        require(not (act["opens"] and agreement) or said.get(agreement) == 1,
                "agreement_missing")
        self._check_delay(act, header["respond_within_s"])
        return act

    @staticmethod
    def _allowed(public, value):
        if public["type"] == BOOLEAN:
            return value in (0, 1)
        if public["type"] == CODE:
            return value in [entry["value"] for entry in public["values"]]
        if public["type"] == DAY and not Kind._is_day(value):
            return False
        return public["min"] <= value <= public["max"]

    @staticmethod
    def _is_day(digits):
        try:
            datetime.date(digits // 10000, digits // 100 % 100, digits % 100)
        except ValueError:
            return False
        return True

    def _check_delay(self, act, seconds):
        clocks = [clock for clock in self._started_by(act) if clock["from_header"]]
        allowed = act["side"] == OPENER and any(c["min_s"] <= seconds <= c["max_s"]
                                                for c in clocks)
        require(seconds == 0 or allowed, "duration_refused")

    def _started_by(self, act):
        place = self.content["acts"].index(act)
        return [self.content["clocks"][effect["clock"]]
                for row in self.content["rows"]
                if row["trigger"] == ACT and row["index"] == place
                for effect in row["effects"] if effect["op"] == START_CLOCK]

    def check_signer(self, replica, header, size, accepted_ms):
        """Section 9.4, all at one size of the directory."""
        unit, organisation = split_address(header["from"], replica.domain)
        station = replica.at(size, "station", organisation, header["station"])
        require(station and unit in station["units"], "not_your_mailbox", header["from"])
        replica.unit(size, header["from"])
        person = replica.at(size, "person", organisation, header["by"])
        require(person, "unknown_person")
        require(header["by"] in station["persons"], "not_on_station")
        require(replica.at(size, "suspended", organisation) is None, "suspended")
        self._check_affiliation(person, accepted_ms)
        act, holder = self.acts[header["act"]], header["by"]
        if header["on_behalf_of"]:
            holder = header["on_behalf_of"]
            principal = replica.at(size, "person", organisation, holder)
            require(principal, "unknown_person")
            self._check_affiliation(principal, accepted_ms)
            require(act["mandate"] and self._mandated(replica, organisation, header, size,
                                                      accepted_ms), "no_mandate")
        self._check_role(replica, act, organisation, holder, size)

    def _check_affiliation(self, person, accepted_ms):
        ended = person["until_ms"] != 0 and accepted_ms >= person["until_ms"]
        require(person["from_ms"] <= accepted_ms and not ended, "not_affiliated")

    def _mandated(self, replica, organisation, header, size, accepted_ms):
        names = (f"{self.content['name']}/{header['act']}", f"{self.content['name']}/*")
        found = (replica.at(size, *key) for key in replica.history
                 if key[:2] == ("mandate", organisation))
        return any(mandate["by"] == header["by"]
                   and mandate["on_behalf_of"] == header["on_behalf_of"]
                   and any(name in mandate["acts"] for name in names)
                   and (mandate["until_ms"] == 0 or mandate["until_ms"] >= accepted_ms)
                   for mandate in found if mandate)

    def _check_role(self, replica, act, organisation, holder, size):
        kind = replica.at(size, "organisation", organisation)["kind"]
        person = replica.at(size, "person", organisation, holder)
        require(person, "unknown_person")
        roles = [self.content["roles"][place] for place in act["roles"]]
        fitting = [role for role in roles if kind in role["organisation_kinds"]
                   and (not role["professions"] or person["profession"] in role["professions"])]
        require(fitting, "role_refused")
        if has_rpps(person["profession"]) and all(role["attested"] for role in fitting):
            require(replica.attested(size, organisation, holder), "not_attested")
