// The composer suggests people, records and templates: what does so is loaded when somebody begins to write.
declare const EXPANDER: string;

document.addEventListener("focusin", (event) => {
  const expander = (event.target as Element).closest<HTMLElement>("text-expander:not([data-ready])");
  if (expander) void begin(expander);
});

async function begin(expander: HTMLElement): Promise<void> {
  const { begin } = (await import(EXPANDER)) as typeof import("../expander.ts");
  begin(expander);
}

export {};
