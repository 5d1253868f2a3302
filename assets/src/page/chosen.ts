/** Tells the server what the person chose for themselves, without a word about it on the page. */
export function keepChoice(address: string, values: Iterable<string>): void {
  const token = document.querySelector("live-updates")?.getAttribute("token") ?? "";
  const body = new URLSearchParams({ _token: token });
  for (const each of values) body.set(each, "1");
  void fetch(address, { method: "POST", body });
}
