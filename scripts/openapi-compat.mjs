// openapi-compat.mjs OLD NEW: what a client of OLD would miss in NEW. Adding is allowed; removing, renaming and
// tightening are not. Exits 1 and names each loss.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

function resolve(document, node) {
  let found = node;
  for (let steps = 0; found?.$ref && steps < 50; steps += 1) {
    const parts = found.$ref.replace(/^#\//, "").split("/");
    found = parts.reduce((at, part) => at?.[part.replace(/~1/g, "/").replace(/~0/g, "~")], document);
  }
  return found;
}

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const types = (schema) => [...list(schema?.type)].sort();

/** Everything in `before` that `after` no longer offers. */
export function losses(before, after) {
  const found = [];
  const seen = new Set();

  function schema(place, oldNode, newNode, sent) {
    if (!oldNode) return;
    if (oldNode.$ref) {
      // One visit for each pair, or a schema that holds itself never ends.
      const key = `${sent} ${oldNode.$ref} ${newNode?.$ref}`;
      if (seen.has(key)) return;
      seen.add(key);
    }
    const from = resolve(before, oldNode);
    const to = resolve(after, newNode);
    if (from && !to) return void found.push(`${place}: gone`);
    if (!from || typeof from !== "object") return;
    if (types(from).length && types(from).join() !== types(to).join()) {
      found.push(`${place}: type ${types(from)} became ${types(to)}`);
    }
    if (from.format && from.format !== to.format) found.push(`${place}: format ${from.format} became ${to.format}`);
    for (const value of from.enum ?? []) {
      if (!to.enum?.includes(value)) found.push(`${place}: value ${JSON.stringify(value)} is gone`);
    }
    for (const [name, child] of Object.entries(from.properties ?? {})) {
      const other = to.properties?.[name];
      if (!other) found.push(`${place}.${name}: gone`);
      else schema(`${place}.${name}`, child, other, sent);
    }
    const [had, has] = [new Set(from.required), new Set(to.required)];
    if (sent) {
      for (const name of has) if (!had.has(name)) found.push(`${place}.${name}: now required`);
    } else {
      for (const name of had) {
        if (!has.has(name) && to.properties?.[name]) found.push(`${place}.${name}: no longer always there`);
      }
    }
    if (from.items) schema(`${place}[]`, from.items, to.items, sent);
    if (from.additionalProperties && typeof from.additionalProperties === "object") {
      schema(`${place}{}`, from.additionalProperties, to.additionalProperties, sent);
    }
    for (const kind of ["allOf", "oneOf", "anyOf"]) {
      (from[kind] ?? []).forEach((child, at) => {
        const twin = child.$ref && to[kind]?.find((other) => other.$ref === child.$ref);
        schema(`${place}/${kind}${at}`, child, twin || to[kind]?.[at], sent);
      });
    }
  }

  function bodies(place, oldContent, newContent, sent) {
    for (const [media, body] of Object.entries(oldContent ?? {})) {
      if (!newContent?.[media]) found.push(`${place}: ${media} is gone`);
      else schema(place, body.schema, newContent[media].schema, sent);
    }
  }

  function parameters(place, oldList, newList) {
    const all = (document, from) => (from ?? []).map((one) => resolve(document, one));
    const key = (one) => `${one.in} ${one.name}`;
    const [was, is] = [all(before, oldList), all(after, newList)];
    for (const one of was) {
      const twin = is.find((other) => key(other) === key(one));
      if (!twin) found.push(`${place} ${key(one)}: gone`);
      else schema(`${place} ${key(one)}`, one.schema, twin.schema, true);
    }
    for (const one of is) {
      const twin = was.find((other) => key(other) === key(one));
      if (one.required && !twin?.required) found.push(`${place} ${key(one)}: now required`);
    }
  }

  for (const [path, item] of Object.entries(before.paths ?? {})) {
    for (const method of METHODS.filter((name) => item[name])) {
      const place = `${method.toUpperCase()} ${path}`;
      const [was, is] = [item[method], after.paths?.[path]?.[method]];
      if (!is) {
        found.push(`${place}: gone`);
        continue;
      }
      if (was.operationId && was.operationId !== is.operationId) {
        found.push(`${place}: operationId ${was.operationId} became ${is.operationId}`);
      }
      parameters(place, [...(item.parameters ?? []), ...(was.parameters ?? [])], [
        ...(after.paths[path].parameters ?? []),
        ...(is.parameters ?? []),
      ]);
      const [sentBefore, sentNow] = [resolve(before, was.requestBody), resolve(after, is.requestBody)];
      bodies(`${place} request`, sentBefore?.content, sentNow?.content, true);
      if (sentNow?.required && !sentBefore?.required) found.push(`${place} request: now required`);
      for (const [status, answer] of Object.entries(was.responses ?? {})) {
        const other = resolve(after, is.responses?.[status]);
        if (!other) found.push(`${place} ${status}: gone`);
        else bodies(`${place} ${status}`, resolve(before, answer)?.content, other.content, false);
      }
    }
  }
  for (const [name, one] of Object.entries(before.components?.schemas ?? {})) {
    const twin = after.components?.schemas?.[name];
    if (!twin) found.push(`schema ${name}: gone`);
    else schema(`schema ${name}`, one, twin, false);
  }
  return [...new Set(found)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , before, after] = process.argv;
  if (!before || !after) {
    console.error("usage: openapi-compat.mjs OLD NEW");
    process.exit(2);
  }
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  const found = losses(read(before), read(after));
  for (const loss of found) console.error(loss);
  console.log(`${after}: ${found.length} losses against ${before}`);
  process.exit(found.length === 0 ? 0 : 1);
}
