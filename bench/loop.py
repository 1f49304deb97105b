"""The opponent: requests and orjson in a loop, without a database or writing SQLite by upsert.

`loop.py JSON`: {ready, token, target, sqlite?, digest?}. Prints one JSON object.
"""

import json
import sqlite3
import sys
import time

import orjson
import requests

from pages import Digest, token

SCHEMA = """
create table if not exists people (
    user_id text primary key, name text, upn text, mail text, department text, enabled integer, user_type text,
    created text, location text, manager text) without rowid;
create table if not exists seats (
    user_id text, sku_id text, paths text, primary key (user_id, sku_id)) without rowid;
"""
PERSON = """
insert into people values (?,?,?,?,?,?,?,?,?,?) on conflict (user_id) do update set name = excluded.name,
    upn = excluded.upn, mail = excluded.mail, department = excluded.department, enabled = excluded.enabled,
    user_type = excluded.user_type, created = excluded.created, location = excluded.location, manager = excluded.manager
"""
SEAT = "insert into seats values (?,?,?) on conflict (user_id, sku_id) do update set paths = excluded.paths"


def person_row(person):
    manager = person.get("manager")
    return (
        person["id"], person["displayName"], person["userPrincipalName"], person.get("mail"), person.get("department"),
        person["accountEnabled"], person.get("userType"), person.get("createdDateTime"), person.get("usageLocation"),
        manager and manager["id"],
    )


def seat_rows(person):
    paths = {license["skuId"]: [] for license in person["assignedLicenses"]}
    for state in person["licenseAssignmentStates"]:
        paths.setdefault(state["skuId"], []).append(state)
    return [(person["id"], sku, orjson.dumps(states).decode()) for sku, states in paths.items()]


def main(ask):
    session = requests.Session()
    session.trust_env = False
    # The sync asks for pages as they are; so does this.
    session.headers["accept-encoding"] = "identity"
    session.headers["authorization"] = f"Bearer {ask['token']}"
    database = None
    if ask.get("sqlite"):
        database = sqlite3.connect(ask["sqlite"])
        database.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + SCHEMA)
    digest = Digest() if ask.get("digest") else None
    people = seats = size = refused = pages = 0
    link = ask["ready"]["graph_url"] + ask["target"]
    began = time.perf_counter()
    while link:
        answer = session.get(link)
        if answer.status_code == 429:
            refused += 1
            time.sleep(float(answer.headers["retry-after"]))
            continue
        if answer.status_code == 401:
            # A long listing outlives a token.
            session.headers["authorization"] = f"Bearer {token(ask['ready'])}"
            continue
        answer.raise_for_status()
        size += len(answer.content)
        pages += 1
        body = orjson.loads(answer.content)
        found = body["value"]
        people += len(found)
        seats += sum(len(person["assignedLicenses"]) for person in found)
        if database:
            database.executemany(PERSON, map(person_row, found))
            database.executemany(SEAT, (row for person in found for row in seat_rows(person)))
        if digest:
            for person in found:
                digest.add_person(person)
        link = body.get("@odata.nextLink")
    if database:
        database.commit()
    seconds = time.perf_counter() - began
    counted = {"seconds": seconds, "people": people, "seats": seats, "bytes": size, "refused": refused, "pages": pages}
    print(json.dumps(counted | (digest.result() if digest else {})))


main(json.loads(sys.argv[1]))
