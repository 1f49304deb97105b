"""What every tool reads: the people's pages that the sync asks for, so that all handle the same bytes."""

import hashlib
import json
import urllib.parse
import urllib.request

FIELDS = (
    "id,displayName,userPrincipalName,mail,department,accountEnabled,userType,createdDateTime,usageLocation,"
    "assignedLicenses,licenseAssignmentStates"
)
PEOPLE = f"/v1.0/users?$select={FIELDS}&$expand=manager($select=id)&$top=999"
# One query for everything, as a program without two lanes asks it.
WITH_SIGN_INS = f"/v1.0/users?$select={FIELDS},signInActivity&$expand=manager($select=id)&$top=500"


def token(ready):
    """A token of the app that reads."""
    app = next(app for app in ready["apps"] if app["purpose"] == "reader")
    form = {
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "scope": f"{ready['graph_url']}/.default",
        "grant_type": "client_credentials",
    }
    address = f"{ready['authority_url']}/{ready['tenant_id']}/oauth2/v2.0/token"
    with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=60) as answer:
        return json.loads(answer.read())["access_token"]


class Digest:
    """A digest over (user, sku, path) that does not depend on their order, and a count of seats.

    A seat is a license that Graph says a person has. A path is how they got it; one in state `Error` never gave it,
    and Graph does not always name the paths of a seat (graph-facts 2.3).
    """

    def __init__(self):
        self.sum, self.paths, self.seats = 0, 0, 0

    def add(self, user, sku, paths):
        """A seat and its paths: (state, group or None)."""
        self.seats += 1
        for state, group in paths:
            if state != "Error":
                line = f"{user}|{sku}|{group or 'direct'}".lower().encode()
                self.sum = (self.sum + int.from_bytes(hashlib.sha256(line).digest()[:16], "big")) % (1 << 128)
                self.paths += 1

    def add_person(self, person):
        """A person as Graph shows them."""
        for license in person["assignedLicenses"]:
            states = [state for state in person["licenseAssignmentStates"] if state["skuId"] == license["skuId"]]
            self.add(person["id"], license["skuId"], [(state["state"], state["assignedByGroup"]) for state in states])

    def add_stored(self, user, sku, paths):
        """A row of our table `seats`."""
        self.add(user, sku, [(path["state"], path.get("group_id")) for path in json.loads(paths)])

    def result(self):
        return {"digest": f"{self.sum:032x}", "paths": self.paths, "seats": self.seats}
