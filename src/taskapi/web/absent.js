// Asks for this address again until the page is there, and shows what has changed meanwhile: a build goes on.
const OFTEN_MS = 1500;
const SHOWN = ["title", "h1", "[role=status]", "#remedy"];

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.ok) {
      location.reload();
      return;
    }
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of SHOWN) show(document.querySelector(name), told.querySelector(name));
  } catch {
    // The service is started again: it will answer.
  }
  setTimeout(look, OFTEN_MS);
}

// What is the same stays, so that nobody hears it read twice.
function show(shown, told) {
  if (shown && told && shown.innerHTML !== told.innerHTML) shown.innerHTML = told.innerHTML;
}

setTimeout(look, OFTEN_MS);
