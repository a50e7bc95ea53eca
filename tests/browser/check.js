// Looks at pages in a browser: `node check.js CHROMIUM FOLDER` opens every .html file of the folder on a phone and on a desk, light
// and dark, and prints what is wrong with them as a JSON list of sentences.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PATIENCE, barriers, invalid, launch, overflow, pagesOf } from "./browser.js";

const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const [executablePath, folder] = process.argv.slice(2);
const files = pagesOf(folder);
const faults = await invalid(folder, { extends: ["html-validate:recommended"] });
const browser = await launch(executablePath);
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
  for (const text of await overflow(page)) fault(text);
  for (const { id, help, nodes } of await barriers(page, { runOnly: { type: "tag", values: LEVELS } })) {
    fault(`${help} (${id}): ${nodes[0].html}`);
  }
  const button = page.locator("#copy");
  if (await button.count()) {
    await button.click();
    await page.waitForFunction(() => document.getElementById("copied").textContent === document.getElementById("copy").dataset.copied);
  }
}
