import { expect, test } from "vitest";
import { type ConnectionDraft, entryOf, isComplete } from "./entry";

const draft: ConnectionDraft = {
  kind: "client_secret",
  clientId: " an id ",
  secret: " hidden ",
  endsOn: "2027-01-31",
  pem: "-----BEGIN",
  algorithm: "PS256",
};

test("only what belongs to the chosen kind is sent", () => {
  expect(entryOf(draft)).toEqual({
    kind: "client_secret",
    client_id: "an id",
    client_secret: "hidden",
    secret_expires_on: "2027-01-31",
  });
  expect(entryOf({ ...draft, kind: "certificate" })).toEqual({
    kind: "certificate",
    client_id: "an id",
    certificate_pem: "-----BEGIN",
    certificate_algorithm: "PS256",
  });
  expect(entryOf({ ...draft, kind: "authorization_code", secret: "", endsOn: "" })).toEqual({
    kind: "authorization_code",
    client_id: "an id",
  });
});

test("a form is complete once its kind has what it signs in with", () => {
  expect(isComplete(draft)).toBe(true);
  expect(isComplete({ ...draft, clientId: " " })).toBe(false);
  expect(isComplete({ ...draft, secret: " " })).toBe(false);
  expect(isComplete({ ...draft, kind: "certificate", pem: "" })).toBe(false);
  expect(isComplete({ ...draft, kind: "authorization_code", secret: "", pem: "" })).toBe(true);
});
