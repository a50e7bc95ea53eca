// Looks at mails in a browser: `node mails.js CHROMIUM FOLDER` opens every .html file of the folder on screens of four widths, light and
// dark, as it is and without its style blocks, with pictures and without, and prints what is wrong with them as a JSON list of sentences.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { caniemail } from "caniemail";
import { PATIENCE, barriers, invalid, launch, overflow, pagesOf } from "./browser.js";

const WIDTHS = [320, 375, 600, 1000];
// A mail is shown within a page, so the landmarks are that page's.
const IGNORED = { "landmark-one-main": { enabled: false }, region: { enabled: false } };
// Layout tables, and attributes that mail programs go by.
const VALID = {
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    "no-deprecated-attr": "off",
    "no-inline-style": "off",
    "prefer-native-element": ["error", { exclude: ["article", "presentation"] }],
  },
};
// What not every client knows, and where it does not, the mail is as good: rounded corners, long words, what screen readers are told,
// and belt and braces for what is hidden anyway. Whatever comes to this list must be harmless in the same way.
const HARMLESS = ["aria-hidden attribute", "aria-label attribute", "role attribute", "<bdi> element", "<body> element",
  "border-radius", "height property", "opacity", "overflow", "overflow-wrap", "table-layout"];
const CLIENTS = ["gmail.desktop-webmail", "gmail.ios", "gmail.android", "outlook.*", "apple-mail.*", "yahoo.*"];
const PICTURE = Buffer.from("R0lGODlhAQABAIAAAHqPagAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

const [executablePath, folder] = process.argv.slice(2);
const faults = await invalid(folder, VALID);
const browser = await launch(executablePath);
const withoutStyles = (html) => html.replace(/<style\b[^]*?<\/style>/g, "");
const versions = pagesOf(folder).map((name) => {
  const html = readFileSync(join(folder, name), "utf8");
  return { name, kept: html, stripped: withoutStyles(html) };
});
for (const { name, stripped } of versions) faults.push(...lost(name, stripped));
for (const colorScheme of ["light", "dark"]) {
  for (const state of ["kept", "stripped"]) {
    const context = await browser.newContext({ colorScheme });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    // Pictures are blocked where style blocks are: as most clients first show a mail, and at its poorest.
    await page.route(/^https?:/, (route) => (state === "kept" ? route.fulfill({ contentType: "image/gif", body: PICTURE }) : route.abort()));
    for (const version of versions) {
      await page.setContent(version[state], { waitUntil: "load" });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const where = `${version.name} at ${width}, ${colorScheme}, styles ${state}`;
        faults.push(...(await overflow(page)).map((text) => `${where}: ${text}`));
        for (const { id, help, impact, nodes } of await barriers(page, { rules: IGNORED })) {
          faults.push(`${where}: ${help} (${id}, ${impact}): ${nodes[0].html}`);
        }
        if (state === "kept" && colorScheme === "light" && width === WIDTHS.at(-1)) {
          // How Outlook on the web says that it has turned colours round.
          await page.evaluate(() => ["data-ogsc", "data-ogsb"].forEach((name) => document.body.setAttribute(name, "")));
          for (const { id, help, nodes } of await barriers(page, { rules: IGNORED })) {
            faults.push(`${where}, dark in Outlook: ${help} (${id}): ${nodes[0].html}`);
          }
        }
        faults.push(...(await page.evaluate(structure)).map((text) => `${where}: ${text}`));
      }
    }
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(faults, null, 2));

// In the page: the mode it is laid out in, its headings, its links.
function structure() {
  const found = [];
  if (document.compatMode !== "CSS1Compat") found.push(`it is laid out in ${document.compatMode}`);
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => Number(heading.tagName[1]));
  if (levels[0] !== 1 || levels.slice(1).some((level) => level !== 2)) found.push(`its headings are ${levels}`);
  const targets = new Map();
  for (const link of document.links) {
    const text = [link.textContent, ...[...link.querySelectorAll("img")].map((picture) => picture.alt)].join(" ").replace(/\s+/g, " ").trim();
    if (text && targets.has(text) && targets.get(text) !== link.href) found.push(`two links are called ${text}`);
    targets.set(text, link.href);
    const { height } = link.getBoundingClientRect();
    if (link.matches(".read, .act") && height < 44) found.push(`the button ${text} is ${height} px high`);
  }
  return found;
}

// What a client would drop of the mail at its poorest, beside what does no harm.
function lost(name, html) {
  const { issues } = caniemail({ clients: CLIENTS, html });
  const titles = [...issues.errors.values()].flat().map(({ title }) => title);
  return [...new Set(titles)].filter((title) => !HARMLESS.includes(title)).map((title) => `${name}: not every client knows ${title}`);
}
