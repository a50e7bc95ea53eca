// Copies the address. Without this script the button stays hidden, and the field can be copied by hand.
const address = document.getElementById("address");
const button = document.getElementById("copy");
const label = button.querySelector(".label");
const status = document.getElementById("copied");
const copy = label.textContent;
let settled;

button.hidden = false;
address.addEventListener("focus", () => address.select());
button.addEventListener("click", async () => {
  let done = true;
  try {
    await navigator.clipboard.writeText(address.value);
  } catch {
    // Where the page is not served by HTTPS, or the permission is refused.
    address.select();
    done = document.execCommand("copy");
  }
  if (!done) return;
  status.textContent = label.textContent = button.dataset.copied;
  clearTimeout(settled);
  settled = setTimeout(() => {
    label.textContent = copy;
    status.textContent = "";
  }, 3000);
});
