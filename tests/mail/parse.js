// Reads a mail: `node parse.js FILE` prints what mailparser makes of it as JSON.
import { readFileSync } from "node:fs";
import { simpleParser } from "mailparser";

const mail = await simpleParser(readFileSync(process.argv[2]), { skipTextToHtml: true, skipHtmlToText: true, skipImageLinks: true });
const { subject, from, to, text, html, attachments, messageId } = mail;
const list = mail.headers.get("list");
const say = { subject, from: from.text, to: to.text, messageId, text, html, attachments: attachments.length, unsubscribe: list.unsubscribe };
console.log(JSON.stringify(say));
