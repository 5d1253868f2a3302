// Folds a pane beside the record away, or shows it again; the server keeps that for the next page.

/** False when the page has no such pane. */
export function fold(name: "list" | "rail", place: string): boolean {
  const pane = document.querySelector<HTMLElement>(place);
  if (!pane) return false;
  const root = document.documentElement;
  const folded = new Set((root.dataset.folded ?? "").split(" ").filter(Boolean));
  if (!folded.delete(name)) folded.add(name);
  if (folded.size) root.dataset.folded = [...folded].join(" ");
  else delete root.dataset.folded;
  // What is folded away must not keep the focus.
  if (folded.has(name) && pane.contains(document.activeElement)) document.getElementById("main")?.focus();
  const body = new URLSearchParams({ _token: document.querySelector("live-updates")?.getAttribute("token") ?? "" });
  for (const each of folded) body.set(each, "1");
  void fetch("/me/panes", { method: "POST", body });
  return true;
}
