// counts.mjs RUNNER FILE: prints "passed failed skipped" of one test run. A report without a count is a failure.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

const readers = {
  cargo(text) {
    if (!/^test result:/m.test(text)) throw new Error("no test result");
    return {
      passed: sum(text, /^test result:.*?(\d+) passed/gm),
      failed: sum(text, /^test result:.*?(\d+) failed/gm),
      skipped: sum(text, /^test result:.*?(\d+) ignored/gm),
    };
  },
  nextest(text) {
    const line = text.match(/^\s*Summary \[.*tests? run:.*$/gm)?.at(-1);
    if (!line) throw new Error("no summary");
    return {
      passed: sum(line, /(\d+) passed/g),
      failed: sum(line, /(\d+) (?:failed|timed out|exec failed)/g),
      skipped: sum(line, /(\d+) skipped/g),
    };
  },
  vitest(text) {
    const report = JSON.parse(text);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
    };
  },
  // A flaky test failed once: that is a failure to look at, not a pass.
  playwright(text) {
    const { expected, unexpected, flaky, skipped } = JSON.parse(text).stats;
    return { passed: expected, failed: unexpected + flaky, skipped };
  },
  node(text) {
    if (!/^# pass /m.test(text)) throw new Error("no summary");
    return {
      passed: sum(text, /^# pass (\d+)/gm),
      failed: sum(text, /^# fail (\d+)/gm),
      skipped: sum(text, /^# (?:skipped|todo) (\d+)/gm),
    };
  },
  pytest(text) {
    const line = text.match(/^=*\s*(?:\d+ [a-z]+(?:, )?)+ in [\d.]+s.*$/gm)?.at(-1);
    if (!line) throw new Error("no summary");
    return {
      passed: sum(line, /(\d+) passed/g),
      failed: sum(line, /(\d+) (?:failed|errors?|xpassed)/g),
      skipped: sum(line, /(\d+) (?:skipped|xfailed)/g),
    };
  },
  proofs(text) {
    if (!/^PROOF /m.test(text)) throw new Error("no proof ran");
    return {
      passed: text.match(/^PROOF \S+ pass\b/gm)?.length ?? 0,
      failed: text.match(/^PROOF \S+ (?:fail|unknown)\b/gm)?.length ?? 0,
      skipped: 0,
    };
  },
};

export const counts = (runner, text) => readers[runner](text);

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , runner, file] = process.argv;
  const { passed, failed, skipped } = counts(runner, readFileSync(file, "utf8"));
  console.log(`${passed} ${failed} ${skipped}`);
}
