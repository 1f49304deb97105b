// The checks themselves: each is shown a planted fault and must find it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { check, modules, pythonTest, rustTest, scriptTest } from "./coverage-check.mjs";
import { losses } from "./openapi-compat.mjs";
import { counts } from "./counts.mjs";
import { judge } from "./rejudge.mjs";

const api = () => ({
  paths: {
    "/candidates": {
      get: {
        operationId: "list",
        parameters: [{ in: "query", name: "limit", schema: { type: "integer" } }],
        responses: {
          200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Page" } } } },
        },
      },
      post: {
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Wish" } } } },
        responses: { 202: {} },
      },
    },
  },
  components: {
    schemas: {
      Page: {
        type: "object",
        required: ["items"],
        properties: {
          items: { type: "array", items: { $ref: "#/components/schemas/Candidate" } },
          next_cursor: { type: ["string", "null"] },
        },
      },
      Candidate: {
        type: "object",
        properties: { id: { type: "string" }, state: { type: "string", enum: ["ready", "revoking"] }, next: { $ref: "#/components/schemas/Candidate" } },
      },
      Wish: { type: "object", properties: { seat_ids: { type: "array", items: { type: "string" } } } },
    },
  },
});

const changes = {
  "a removed field": (doc) => delete doc.components.schemas.Candidate.properties.state,
  "a renamed field": (doc) => {
    const { properties } = doc.components.schemas.Candidate;
    properties.identifier = properties.id;
    delete properties.id;
  },
  "a removed value": (doc) => doc.components.schemas.Candidate.properties.state.enum.pop(),
  "a removed route": (doc) => delete doc.paths["/candidates"].post,
  "a removed path": (doc) => delete doc.paths["/candidates"],
  "a removed parameter": (doc) => doc.paths["/candidates"].get.parameters.pop(),
  "a new parameter that must be sent": (doc) =>
    doc.paths["/candidates"].get.parameters.push({ in: "query", name: "tenant", required: true }),
  "a new field that must be sent": (doc) => {
    doc.components.schemas.Wish.required = ["reason"];
  },
  "a field no longer always there": (doc) => {
    doc.components.schemas.Page.required = [];
  },
  "a removed answer": (doc) => delete doc.paths["/candidates"].get.responses[200],
  "a changed type": (doc) => {
    doc.components.schemas.Candidate.properties.id.type = "integer";
  },
  "a removed schema": (doc) => delete doc.components.schemas.Wish,
  "a renamed operation": (doc) => {
    doc.paths["/candidates"].get.operationId = "index";
  },
};

for (const [name, change] of Object.entries(changes)) {
  test(`openapi-compat finds ${name}`, () => {
    const after = api();
    change(after);
    assert.notDeepEqual(losses(api(), after), []);
  });
}

test("openapi-compat accepts what is added", () => {
  const after = api();
  after.components.schemas.Candidate.properties.owner = { type: "string" };
  after.components.schemas.Candidate.properties.state.enum.push("verifying");
  after.paths["/plans"] = { get: { responses: {} } };
  after.paths["/candidates"].get.parameters.push({ in: "query", name: "cursor" });
  assert.deepEqual(losses(api(), after), []);
});

test("coverage-check knows where modules live", () => {
  assert.deepEqual(modules("src/candidate/transition.rs"), ["candidate", "transition"]);
  assert.deepEqual(modules("src/audit/mod.rs"), ["audit"]);
  assert.deepEqual(modules("src/lib.rs"), []);
  assert.deepEqual(modules("tests/walls/main.rs"), ["walls"]);
  assert.deepEqual(modules("tests/migrations.rs"), ["migrations"]);
});

test("coverage-check reads Rust tests", () => {
  assert.equal(rustTest("#[test]\nfn good() {}", "good"), undefined);
  assert.equal(rustTest("#[tokio::test]\nasync fn good() {}", "good"), undefined);
  assert.equal(rustTest("on_both! { async fn good(store) {} }", "good"), undefined);
  assert.equal(rustTest("#[test]\n#[ignore]\nfn off() {}", "off"), "is ignored");
  assert.equal(rustTest("fn helper() {}", "helper"), "no such test");
  assert.equal(rustTest("// #[test]\n// fn gone() {}", "gone"), "no such test");
});

test("coverage-check reads tests of scripts", () => {
  assert.equal(scriptTest('test("signs in", f)', ["signs in"]), undefined);
  assert.equal(scriptTest('test.describe("door", () => { test("opens", f) })', ["door", "opens"]), undefined);
  assert.match(scriptTest('test.skip("signs in", f)', ["signs in"]), /skipped/);
  assert.match(scriptTest('test("signs out", f)', ["signs in"]), /no test titled/);
  assert.equal(pythonTest('@pytest.mark.parametrize("a", [1])\ndef test_opens(sim):\n', "test_opens"), undefined);
  assert.equal(pythonTest('@pytest.mark.parametrize(\n    "a",\n    [1],\n)\ndef test_opens(sim):\n', "test_opens"), undefined);
  assert.match(pythonTest("@small\n@pytest.mark.skip\ndef test_opens():\n", "test_opens"), /skipped/);
  assert.match(pythonTest("def test_opens_twice():\n", "test_opens"), /no such test/);
});

test("coverage-check finds rows that claim too much", () => {
  const root = mkdtempSync(join(tmpdir(), "coverage-"));
  try {
    mkdirSync(join(root, "crates/domain/src"), { recursive: true });
    writeFileSync(join(root, "crates/domain/src/money.rs"), "#[cfg(test)]\nmod tests {\n#[test]\nfn rounds() {}\n}\n");
    const page = (row) => `| id | what | test(s) | seen at |\n| --- | --- | --- | --- |\n${row}\n`;
    assert.deepEqual(check(root, page("| A1 | x | `domain::money::tests::rounds` | |")), []);
    for (const bad of [
      "| A1 | x | `domain::money::tests::absent` | |",
      "| A1 | x | `domain::money::rounds` and `domain::coins::rounds` | |",
      "| A1 | x | `nowhere::rounds` | |",
      "| A1 | x | `e2e/absent.spec.ts > title` | |",
      "| A1 | x | | |",
      "| A1 | x | `domain::money::tests::rounds` |",
    ]) {
      assert.notDeepEqual(check(root, page(bad)), [], bad);
    }
    const good = "| A1 | x | `domain::money::tests::rounds` | |";
    assert.equal(check(root, page(`${good}\n${good}`)).length, 1);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("counts reads every runner", () => {
  const rust = "test result: ok. 3 passed; 1 failed; 2 ignored; 0 measured\ntest result: ok. 4 passed; 0 failed; 0 ignored";
  assert.deepEqual(counts("cargo", rust), { passed: 7, failed: 1, skipped: 2 });
  const nextest = "     Summary [   2.1s] 30 tests run: 27 passed (2 slow), 2 failed, 1 timed out, 5 skipped";
  assert.deepEqual(counts("nextest", nextest), { passed: 27, failed: 3, skipped: 5 });
  const vitest = JSON.stringify({ numPassedTests: 4, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 });
  assert.deepEqual(counts("vitest", vitest), { passed: 4, failed: 1, skipped: 3 });
  const playwright = JSON.stringify({ stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } });
  assert.deepEqual(counts("playwright", playwright), { passed: 5, failed: 2, skipped: 2 });
  assert.deepEqual(counts("node", "# pass 3\n# fail 1\n# skipped 0\n# todo 0"), { passed: 3, failed: 1, skipped: 0 });
  assert.deepEqual(counts("proofs", "PROOF crash pass seed=1\nPROOF audit fail seed=1"), { passed: 1, failed: 1, skipped: 0 });
  const pytest = "3 passed in 0.10s\n== 2 failed, 44 passed, 1 skipped, 9 warnings, 1 error in 75.34s (0:01:15) ==";
  assert.deepEqual(counts("pytest", pytest), { passed: 44, failed: 3, skipped: 1 });
  assert.throws(() => counts("pytest", "no tests ran in 0.01s"));
  assert.throws(() => counts("nextest", "error: could not compile"));
});

test("the second judge finds what was not approved, what happened twice and what passed a day's budget", () => {
  const effect = (seq, at, more = {}) => JSON.stringify({
    seq, at, app_id: "writer", user_id: "u", kind: "license_removed", sku_id: "s", group_id: null, ...more,
  });
  const at = "2026-03-04T12:00:00Z";
  const approvals = {
    our_apps: ["writer"],
    limits: { per_day: 0 },
    candidates: [{
      number: 1, user_id: "u", sku_id: "s", bulk: false, proposed_by: "a",
      approvals: [{ id: "yes", kind: "remove", account: "b" }],
      writes: [{ approval_id: "yes", created_at: Date.parse(at) * 1000 - 5 }],
    }],
  };
  const words = (lines, with_ = approvals) => judge(lines.join("\n"), with_).wrong.map((text) => text.slice(0, 2));
  assert.deepEqual(words([effect(1, at)]), []);
  assert.deepEqual(words([effect(1, at), effect(2, at)]), ["I2"]);
  assert.deepEqual(words([effect(1, at, { sku_id: "other" })]), ["I1"]);
  assert.deepEqual(words([effect(1, at, { kind: "license_added" })]), ["I1"]);
  assert.deepEqual(words([effect(1, "2026-03-03T12:00:00Z")]), ["I1"], "the intent came after it");
  assert.deepEqual(words([effect(1, at, { kind: "user_deleted" })]), ["I4"]);
  assert.deepEqual(words([effect(1, at, { app_id: null })]), [], "somebody else's doing");
  const many = { ...approvals, limits: { per_day: 1 }, candidates: ["s", "t"].map((sku) => ({ ...approvals.candidates[0], sku_id: sku, approvals: [{ id: sku, kind: "remove", account: "b" }], writes: [{ approval_id: sku, created_at: 0 }] })) };
  assert.deepEqual(words([effect(1, at), effect(2, "2026-03-04T20:00:00Z", { sku_id: "t" })], many), ["I5"]);
  assert.deepEqual(words([effect(1, at), effect(2, "2026-03-06T20:00:00Z", { sku_id: "t" })], many), []);
});
