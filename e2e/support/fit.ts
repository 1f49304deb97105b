// What axe finds wrong with a page.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Fluent's focus traps put a pair of empty, focusable elements around what they hold; they are hidden from people. */
export async function violations(page: Page): Promise<string[]> {
  // What is fading in has not its own colors yet.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((one) => one.playState === "finished" || one.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY),
  );
  const axe = new AxeBuilder({ page }).exclude("[data-tabster-dummy]");
  // Nothing but violations is asked for, and no frame of another origin: naming all that passed takes most of the time.
  const found = await axe.options({ resultTypes: ["violations"] }).setLegacyMode(true).analyze();
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} ${node.failureSummary}`));
}
