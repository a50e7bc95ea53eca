// A browser that a test drives: `node drive.js CHROMIUM` takes commands from its input, one JSON list a line, and answers each with a
// line of JSON: what the page says now, or the faults that were found. It ends with its input.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PATIENCE = 300_000; // A busy machine decides nothing.

const quiet = ["disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];
const args = ["--no-sandbox", "--disable-gpu", ...quiet.map((name) => `--${name}`)];
const browser = await chromium.launch({ executablePath: process.argv[2], args, timeout: PATIENCE });
// Boxes of one group have one name, as HTML wants it; the rule's authors are used to PHP.
const shared = ["radio", "checkbox", "submit"];
const rules = { "form-dup-name": ["error", { shared }] };
const validator = new HtmlValidate(new FileSystemConfigLoader({ extends: ["html-validate:recommended"], rules }));
const phone = { viewport: { width: 375, height: 800 } };
const scripted = await opened(phone);
const scriptless = await opened({ ...phone, javaScriptEnabled: false });
let page = scripted;
const onScreens = [];
for (const width of [375, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    const name = `${width}, ${colorScheme}`;
    onScreens.push({ name, screen: await opened({ colorScheme, viewport: { width, height: 800 } }) });
  }
}

const commands = {
  open: (url, scripts) => {
    page = scripts ? scripted : scriptless;
    return page.goto(url);
  },
  fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
  choose: (label) => page.getByLabel(label, { exact: true }).check(),
  wait_for: (text) => page.getByText(text).waitFor(),
  push: async (label, text) => {
    await page.getByRole("button", { name: label, exact: true }).click();
    await page.getByText(text).waitFor();
  },
  press: async (label) => {
    const pressed = page.getByRole("button", { name: label, exact: true });
    // With the keyboard: whoever has no mouse gets everywhere.
    await pressed.focus();
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...values] = JSON.parse(line);
  let answer;
  if (command === "look") {
    answer = await look(...values);
  } else {
    await commands[command](...values);
    answer = { url: page.url(), title: await page.locator("h1").innerText(), text: await page.locator("main").innerText() };
  }
  console.log(JSON.stringify(answer));
}
await browser.close();

async function opened(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  return context.newPage();
}

// What is wrong with a page, on a phone and on a desk, light and dark. Faults a server tells by its status are none of the page's.
async function look(name, url, form, picture) {
  const faults = [];
  for (const { name: where, screen } of onScreens) {
    const fault = (text) => faults.push(`${name} at ${where}: ${text}`);
    const onError = (message) =>
      message.type() === "error" && !message.text().includes("status of") && fault(`the browser says: ${message.text()}`);
    const onRequest = (request) => request.isNavigationRequest() || fault(`it loads ${request.url()}`);
    screen.on("console", onError);
    screen.on("request", onRequest);
    let response = await screen.goto(url);
    if (form) {
      for (const [label, text] of Object.entries(form.fill)) await screen.getByLabel(label, { exact: true }).fill(text);
      // The browser itself would not send a form with such faults.
      await screen.evaluate(() => (document.querySelector("form").noValidate = true));
      [response] = await Promise.all([
        screen.waitForNavigation(),
        screen.getByRole("button", { name: form.press, exact: true }).click(),
      ]);
    }
    if (where === onScreens[0].name) {
      const report = await validator.validateString(await response.text());
      for (const { messages } of report.results) for (const one of messages) fault(`line ${one.line}: ${one.message} (${one.ruleId})`);
    }
    const wide = await screen.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) fault(`it is ${wide} px too wide`);
    await screen.evaluate(AXE);
    const { violations } = await screen.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), LEVELS);
    for (const { id, help, nodes } of violations) fault(`${help} (${id}): ${nodes[0].html}`);
    if (picture) await screen.screenshot({ path: `${picture}/${name} ${where}.png`, fullPage: true });
    screen.off("console", onError);
    screen.off("request", onRequest);
  }
  return faults;
}
