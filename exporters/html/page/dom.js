// Elements are made here and nowhere else; what they say is text, never markup.

const byId = (id) => document.getElementById(id);

// make("p.note", {title: "…"}, "text", otherElement, null, …)
function make(tagAndClasses, properties, ...children) {
  const [tag, ...classes] = tagAndClasses.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties || {})) setProperty(element, name, value);
  addAll(element, children);
  return element;
}

function setProperty(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function addAll(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) addAll(element, child);
    else if (child !== null && child !== undefined && child !== "" && child !== false) element.append(child);
  }
}

function refill(element, ...children) {
  element.replaceChildren();
  addAll(element, children);
}

// A button that puts `text` on the clipboard.
function copyButton(text, what) {
  const button = make("button.copy.quiet", {type: "button", title: `Copy ${what}`, "aria-label": `Copy ${what}`}, "copy");
  button.addEventListener("click", async () => {
    const done = await copyText(text);
    button.textContent = done ? "copied" : "not copied";
    setTimeout(() => { button.textContent = "copy"; }, 1200);
  });
  return button;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Where the page was opened as a file, some browsers have no clipboard.
function copyBySelection(text) {
  const area = make("textarea.unseen", {"aria-hidden": "true"});
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
