// Folds a pane beside the record away, or shows it again; the server keeps that for the next page.
import { keepChoice } from "../page/chosen.ts";

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
  keepChoice("/me/panes", folded);
  return true;
}
