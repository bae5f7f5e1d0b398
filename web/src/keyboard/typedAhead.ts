/** What somebody types between asking for a field and its being there goes into it, and acts as no key of the page. */

const PATIENCE_MS = 3_000;

type Field = HTMLInputElement | HTMLTextAreaElement;

let end: () => void = () => undefined;

export function typeAhead(): void {
  end();
  const typed: string[] = [];
  const listening = new AbortController();
  const { signal } = listening;
  end = () => listening.abort();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" || event.key === "Tab" || fieldOf(event.target) !== null) end();
    else if (event.key.length === 1 || event.key === "Enter") {
      event.preventDefault();
      event.stopImmediatePropagation();
      typed.push(event.key);
    }
  };
  const onFocus = ({ target }: FocusEvent) => {
    const field = fieldOf(target);
    if (field === null) return;
    end();
    // After the drawing that gave it the focus, and before the next key.
    queueMicrotask(() => give(field, typed));
  };
  window.addEventListener("keydown", onKeyDown, { capture: true, signal });
  window.addEventListener("focusin", onFocus, { signal });
  window.addEventListener("pointerdown", end, { capture: true, signal });
  setTimeout(() => listening.abort(), PATIENCE_MS);
}

function give(field: Field, typed: readonly string[]): void {
  if (typed.length === 0) return;
  const enter = typed.indexOf("Enter");
  const text = typed.slice(0, enter < 0 ? undefined : enter).join("");
  field.setRangeText(text, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (enter < 0) return;
  // Once the text is known to what Enter sends.
  setTimeout(() => {
    const isLeft = field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    if (isLeft) field.form?.requestSubmit();
  });
}

function fieldOf(target: EventTarget | null): Field | null {
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && ["text", "search"].includes(target.type) ? target : null;
}
