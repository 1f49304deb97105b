// coverage-check.mjs [ROOT]: every test that docs/coverage.md names must exist. Exits 1 and names what does not.
//
// A row is `| id | what is met | tests | seen at |`. Tests stand in backticks, one or more to a cell:
//   `store::conformance::candidates::a_test`   a Rust test: crate folder, modules (or the tests/ target), function
//   `e2e/sign-in.spec.ts > title`              a test of a script: file, then titles from the outside in
//   `clients/test_msal.py > test_name`         a test of a Python suite: file, then function
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** The rows of the table: `{line, id, tests}`. */
export function rows(page) {
  return page
    .split("\n")
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => text.startsWith("|") && !/^\|[\s:|-]+\|$/.test(text) && !/^\|\s*id\s*\|/i.test(text))
    .map(({ text, line }) => {
      const cells = text.replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
      const tests = [...(cells[2] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]);
      return { line, id: cells[0], cells: cells.length, tests };
    });
}

/** The modules that lead to a file: `src/a/b.rs` is a::b, `tests/walls/main.rs` is walls. */
export function modules(path) {
  const parts = path.replace(/\.rs$/, "").split("/");
  const kind = parts.shift();
  const last = parts.at(-1);
  if (last === "mod" || (last === "main" && (kind === "tests" || kind === "src")) || (last === "lib" && kind === "src")) {
    parts.pop();
  }
  return parts;
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

/** Why a Rust test is not in a file, or nothing if it is there and runs. */
export function rustTest(text, name) {
  const code = withoutComments(text);
  const attributes = new RegExp(`((?:#\\[[^\\]]*\\]\\s*)+)(?:pub\\s+)?(?:async\\s+)?fn\\s+${name}\\b`).exec(code)?.[1];
  const marked = attributes && /#\[(?:[\w:]+::)?test\b/.test(attributes);
  // A macro that makes one test for each database takes the name, or the function, as its first word.
  const made = new RegExp(`\\w+!\\s*[({]\\s*(?:#\\[[^\\]]*\\]\\s*)*(?:async\\s+)?(?:fn\\s+)?${name}\\b`).test(code);
  if (!marked && !made) return "no such test";
  return /#\[ignore\b/.test(attributes ?? "") ? "is ignored" : undefined;
}

/** Why a test of a script is not in a file, or nothing if it is there and runs. */
export function scriptTest(text, titles) {
  const code = withoutComments(text);
  for (const [at, title] of titles.entries()) {
    const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const call = new RegExp(`\\b(test|it|describe)((?:\\.\\w+)*)\\(\\s*(["'\`])${quoted}\\3`).exec(code);
    if (!call) return `no test titled "${title}"`;
    if (/\.(skip|fixme|todo)\b/.test(call[2])) return `"${title}" is skipped`;
    if (at === titles.length - 1 && (call[1] === "describe" || call[2].includes("describe"))) return `"${title}" is a group`;
  }
  return undefined;
}

/** Why a Python test is not in a file, or nothing if it is there and runs. */
export function pythonTest(text, name) {
  const decorators = new RegExp(`((?:^@[^\\n]*\\n(?:[ \\t)\\]][^\\n]*\\n)*)*)^def ${name}\\(`, "m").exec(text)?.[1];
  if (decorators === undefined || !name.startsWith("test_")) return "no such test";
  return /^@pytest\.mark\.(?:skip|xfail)/m.test(decorators) ? "is skipped" : undefined;
}

function rustFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(path);
    return entry.name.endsWith(".rs") ? [path] : [];
  });
}

function findRust(root, name) {
  const [crate, ...path] = name.split("::");
  const test = path.pop();
  const folder = join(root, "crates", crate.replace(/^reseat[_-]/, "").replace(/_/g, "-"));
  if (!test || !existsSync(folder)) return "no such crate";
  let why = "no such module";
  for (const file of rustFiles(folder)) {
    const short = relative(folder, file).split(sep).join("/");
    const prefix = modules(short);
    if (prefix.some((part, at) => part !== path[at])) continue;
    const text = readFileSync(file, "utf8");
    if (!path.slice(prefix.length).every((part) => new RegExp(`\\bmod\\s+${part}\\s*\\{`).test(text))) continue;
    why = rustTest(text, test);
    if (!why) return undefined;
  }
  return why;
}

function find(root, name) {
  if (!name.includes(" > ")) return /^[\w-]+(::\w+)+$/.test(name) ? findRust(root, name) : "is no test name";
  const [file, ...titles] = name.split(" > ").map((part) => part.trim());
  if (!existsSync(join(root, file))) return "no such file";
  const text = readFileSync(join(root, file), "utf8");
  return file.endsWith(".py") ? pythonTest(text, titles.join(" > ")) : scriptTest(text, titles);
}

/** Everything wrong with the page. */
export function check(root, page) {
  const found = [];
  const ids = new Set();
  for (const { line, id, cells, tests } of rows(page)) {
    const place = `docs/coverage.md:${line} ${id}`;
    if (cells !== 4) found.push(`${place}: ${cells} cells, not 4`);
    if (ids.has(id)) found.push(`${place}: listed twice`);
    ids.add(id);
    if (tests.length === 0) found.push(`${place}: names no test`);
    for (const name of tests) {
      const why = find(root, name);
      if (why) found.push(`${place}: ${name}: ${why}`);
    }
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = process.argv[2] ?? ".";
  const page = readFileSync(join(root, "docs/coverage.md"), "utf8");
  const found = check(root, page);
  for (const one of found) console.error(one);
  const all = rows(page);
  console.log(`docs/coverage.md: ${all.length} rows, ${all.flatMap((row) => row.tests).length} tests named, ${found.length} faults`);
  process.exit(found.length === 0 ? 0 : 1);
}
