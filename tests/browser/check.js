// Looks at pages in a browser: `node check.js CHROMIUM FOLDER` opens every .html file of the folder on a phone and on a desk, light
// and dark, and prints what is wrong with them as a JSON list of sentences.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PATIENCE = 300_000; // A busy machine decides nothing.

const [executablePath, folder] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
const faults = [];

const validator = new HtmlValidate(new FileSystemConfigLoader({ extends: ["html-validate:recommended"] }));
for (const name of files) {
  const report = await validator.validateFile(join(folder, name));
  for (const { messages } of report.results) {
    faults.push(...messages.map((one) => `${name}:${one.line}: ${one.message} (${one.ruleId})`));
  }
}

const quiet = ["disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
const args = ["--no-sandbox", "--disable-gpu", ...quiet.map((name) => `--${name}`)];
const browser = await chromium.launch({ executablePath, args, timeout: PATIENCE });
for (const width of [375, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    let where = "";
    const fault = (text) => faults.push(`${where}: ${text}`);
    page.on("console", (message) => message.type() === "error" && fault(`the browser says: ${message.text()}`));
    page.on("pageerror", (error) => fault(`its script fails: ${error.message}`));
    const isOwn = (request) => request.isNavigationRequest() || (request.resourceType() === "image" && request.url().startsWith("file:"));
    page.on("request", (request) => isOwn(request) || fault(`it loads ${request.url()}`));
    page.on("requestfailed", (request) => fault(`it cannot load ${request.url()}`));
    for (const name of files) {
      where = `${name} at ${width}, ${colorScheme}`;
      await page.goto(pathToFileURL(join(folder, name)).href);
      await look(page, fault);
    }
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(faults, null, 2));

async function look(page, fault) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) fault(`it is ${overflow} px too wide`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), LEVELS);
  for (const { id, help, nodes } of violations) fault(`${help} (${id}): ${nodes[0].html}`);
  const button = page.locator("#copy");
  if (await button.count()) {
    await button.click();
    await page.waitForFunction(() => document.getElementById("copied").textContent === document.getElementById("copy").dataset.copied);
  }
}
