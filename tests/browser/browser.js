// What all looks at pages have in common: a browser that talks to nobody, and axe.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const PATIENCE = 300_000; // A busy machine decides nothing.

export function launch(executablePath) {
  const quiet = ["disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
  const args = ["--no-sandbox", "--disable-gpu", ...quiet.map((name) => `--${name}`)];
  return chromium.launch({ executablePath, args, timeout: PATIENCE });
}

export const pagesOf = (folder) => readdirSync(folder).filter((name) => name.endsWith(".html")).sort();

// What is no HTML, as sentences with file and line.
export async function invalid(folder, config) {
  const validator = new HtmlValidate(new FileSystemConfigLoader(config));
  const faults = [];
  for (const name of pagesOf(folder)) {
    const report = await validator.validateFile(join(folder, name));
    for (const { messages } of report.results) {
      faults.push(...messages.map((one) => `${name}:${one.line}: ${one.message} (${one.ruleId})`));
    }
  }
  return faults;
}

export async function overflow(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return wide > 0 ? [`it is ${wide} px too wide`] : [];
}

// What keeps somebody out, by axe.
export async function barriers(page, options) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((chosen) => axe.run(chosen), options);
  return violations;
}
