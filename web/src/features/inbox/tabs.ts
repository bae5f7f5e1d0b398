/** What is read in one tab is read in all of them: the stream tells of changes, and reading is none. */

const tabs = new BroadcastChannel("taskapi.inbox");

export function tellTabs(): void {
  tabs.postMessage("read");
}

export function onReadElsewhere(listener: () => void): () => void {
  tabs.addEventListener("message", listener);
  return () => tabs.removeEventListener("message", listener);
}
