// While several replicas are upgraded, one may answer with its index and another not know the files that it names:
// nothing of the page runs then, so it is asked for again. What is missing later is the page's own to handle.
(() => {
  const MARK = "taskapi.started-again";
  const LONGEST_MS = 30_000;
  let isWhole = true;

  const onMissing = ({ target }) => {
    if (!isWhole || !(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    isWhole = false;
    const times = Number(sessionStorage.getItem(MARK) ?? 0);
    sessionStorage.setItem(MARK, String(times + 1));
    document.getElementById("upgrading").hidden = false;
    setTimeout(() => location.reload(), Math.min(1000 * 2 ** times, LONGEST_MS));
  };

  addEventListener("error", onMissing, true);
  addEventListener("load", () => {
    removeEventListener("error", onMissing, true);
    if (isWhole) sessionStorage.removeItem(MARK);
  });
})();
