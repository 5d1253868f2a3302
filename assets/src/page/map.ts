// The map of items is whole without a script; where one is shown, what moves it is loaded.
export {};

declare const MAP_CHUNK: string;

type Chunk = typeof import("../map.ts");

function begin(): void {
  if (!document.querySelector("[data-map], [data-map-time]")) return;
  void import(MAP_CHUNK).then((chunk: Chunk) => chunk.begin());
}

document.addEventListener("turbo:load", begin);
document.addEventListener("turbo:render", begin);
