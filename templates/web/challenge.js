// Solves the form's challenge while it is filled in: counts up until a key begins as asked for. Without this script the form is taken, too, but later.
const field = document.querySelector('input[name="stamp"]');
const form = field.form;
const { challenge } = JSON.parse(atob(field.value));
const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
let pressed = false;
let finished = false;

async function solve() {
  const start = bytesOf(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const way = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  for (let counter = 0; ; counter += 1) {
    new DataView(password.buffer).setUint32(start.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hexOf(new Uint8Array(await crypto.subtle.deriveBits(way, key, keyLength * 8)));
    if (derivedKey.startsWith(keyPrefix)) {
      field.value = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
      return;
    }
  }
}

// Browsers have no Web Crypto where the page is not served by HTTPS: then the form goes as it is.
const solving = solve().catch(() => {}).then(() => { finished = true; });
form.addEventListener("submit", (event) => {
  if (finished) return;
  event.preventDefault();
  if (!pressed) solving.then(() => form.submit());
  pressed = true;
});
