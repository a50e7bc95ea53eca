// What one of the readers finds in a feed file: node read.js READER FILE.

import { readFileSync } from "node:fs";

const seconds = (date) => (date ? Math.floor(new Date(date) / 1000) : null);
const number = (text) => (text === undefined || text === null ? null : Number(text));

async function withRssParser(content) {
  const { default: Parser } = await import("rss-parser");
  const { items } = await new Parser().parseString(content);
  return items.map((item) => [
    item.guid ?? item.id,
    item.link,
    item.title,
    item["content:encoded"] ?? item.content,
    seconds(item.isoDate),
    null,
    item.enclosure ? [[item.enclosure.url, item.enclosure.type, number(item.enclosure.length)]] : [],
  ]);
}

async function withFeedsmith(content) {
  const { parseFeed } = await import("feedsmith");
  const { format, feed } = parseFeed(content);
  const of = {
    rss: (item) => [
      item.guid.value,
      item.link,
      item.title,
      item.content.encoded,
      seconds(item.pubDate),
      null,
      (item.enclosures ?? []).map((one) => [one.url, one.type, number(one.length)]),
    ],
    atom: (entry) => [
      entry.id,
      entry.links.find((link) => link.rel === "alternate").href,
      entry.title.value ?? entry.title,
      entry.content.value ?? entry.content,
      seconds(entry.published),
      seconds(entry.updated),
      entry.links.filter((link) => link.rel === "enclosure").map((one) => [one.href, one.type, number(one.length)]),
    ],
    json: (item) => [
      item.id,
      item.url,
      item.title,
      item.content_html,
      seconds(item.date_published),
      seconds(item.date_modified),
      (item.attachments ?? []).map((one) => [one.url, one.mime_type, number(one.size_in_bytes)]),
    ],
  };
  return (feed.items ?? feed.entries).map(of[format]);
}

async function withRowanManning(content) {
  const { parseFeed } = await import("@rowanmanning/feed-parser");
  return parseFeed(content).items.map((item) => [
    item.id,
    item.url,
    item.title,
    item.content,
    seconds(item.published),
    seconds(item.updated),
    item.media.filter((one) => one.mimeType).map((one) => [one.url, one.mimeType, number(one.length)]),
  ]);
}

const readers = { "rss-parser": withRssParser, feedsmith: withFeedsmith, "@rowanmanning/feed-parser": withRowanManning };
const [name, file] = process.argv.slice(2);
console.log(JSON.stringify(await readers[name](readFileSync(file, "utf8"))));
