// The map of items, a chunk of its own: zoom and pan by moving the view box, arrow keys along the lines, what is chosen
// and what fails asked of the server, all of it small, the slider.

type View = { x: number; y: number; width: number; height: number };

/** Milliseconds without a key after which the slider asks for its instant. */
const PAUSE_MS = 350;
/** Closest and farthest: pixels of the drawing for one of the screen. */
const CLOSEST = 0.35;
const FARTHEST = 6;
/** So much smaller than it is drawn its words are still read. */
const READABLE = 1.15;

const begun = new WeakSet<Element>();

export function begin(): void {
  for (const frame of document.querySelectorAll<HTMLElement>("[data-map]")) {
    if (begun.has(frame)) continue;
    begun.add(frame);
    const svg = frame.querySelector<SVGSVGElement>("svg.map");
    if (svg) open(frame, svg);
  }
  for (const keys of document.querySelectorAll("[data-map-keys]")) keys.removeAttribute("hidden");
  const time = document.querySelector<HTMLElement>("[data-map-time]");
  if (time && !begun.has(time)) {
    begun.add(time);
    slide(time);
  }
}

function open(frame: HTMLElement, svg: SVGSVGElement): void {
  const view = svg.parentElement!;
  // A region that scrolls is a stop of the Tab key; one that moves its drawing has the boxes for that.
  view.classList.add("map-moves");
  view.removeAttribute("tabindex");
  for (const tools of frame.querySelectorAll("[data-map-tools]")) tools.removeAttribute("hidden");
  const mini = frame.querySelector<SVGSVGElement>("[data-map-mini]");
  const whole = { x: 0, y: 0, width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
  let seen: View = whole;
  const show = (next: View): void => {
    seen = next;
    svg.setAttribute("viewBox", `${next.x} ${next.y} ${next.width} ${next.height}`);
    if (mini) outline(mini, inSight(), whole);
  };
  /** Pixels of the drawing for one of the screen. */
  const scale = (): number => Math.max(seen.width / svg.clientWidth, seen.height / svg.clientHeight);
  const zoom = (by: number, x = seen.x + seen.width / 2, y = seen.y + seen.height / 2): void => {
    const now = scale();
    const factor = Math.min(Math.max(now * by, CLOSEST), FARTHEST) / now;
    show({
      x: x - (x - seen.x) * factor,
      y: y - (y - seen.y) * factor,
      width: seen.width * factor,
      height: seen.height * factor,
    });
  };
  const nodes = [...svg.querySelectorAll<SVGAElement>("[data-node]")];
  // The drawing of the other kind of window has no size until the window is of that kind.
  const sized = new ResizeObserver(() => {
    if (svg.clientWidth === 0) return;
    sized.disconnect();
    start();
  });
  sized.observe(svg);

  /** What is seen of the drawing: the view as asked for, and what the window shows around it. */
  function inSight(): View {
    const by = scale();
    const [width, height] = [svg.clientWidth * by, svg.clientHeight * by];
    return { x: seen.x - (width - seen.width) / 2, y: seen.y - (height - seen.height) / 2, width, height };
  }

  /** A drawing that fits is shown whole, no larger than it is drawn; of another the record in question is in the middle. */
  function start(): void {
    show(whole);
    const now = scale();
    if (now < 1) return show(around(whole.x + whole.width / 2, whole.y + whole.height / 2, 1 / now));
    if (now <= READABLE) return;
    const box = centre(svg.querySelector<SVGAElement>(".map-root") ?? nodes[0]!);
    const by = Math.min(Math.max(whole.width / svg.clientWidth, 1), READABLE);
    const [width, height] = [svg.clientWidth * by, svg.clientHeight * by];
    const view = { x: box.x - width / 2, y: box.y - height / 2, width, height };
    // No empty room above the first lane or below the last one, and none aside of what fits.
    const x = view.width >= whole.width ? (whole.width - view.width) / 2 : within(view.x, whole.width - view.width);
    show({ ...view, x, y: within(view.y, whole.height - view.height) });
  }

  function within(at: number, most: number): number {
    return Math.min(Math.max(at, 0), Math.max(most, 0));
  }

  function around(x: number, y: number, by: number): View {
    const [width, height] = [seen.width * by, seen.height * by];
    return { x: x - width / 2, y: y - height / 2, width, height };
  }

  frame.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-map-zoom]");
    if (button?.dataset["mapZoom"] === "fit") show(whole);
    else if (button) zoom(button.dataset["mapZoom"] === "in" ? 0.8 : 1.25);
  });

  svg.addEventListener(
    "wheel",
    (event) => {
      // The page scrolls by the wheel alone; with Ctrl, or two fingers on a pad, it is the drawing that is meant.
      if (!event.ctrlKey) return;
      event.preventDefault();
      const at = place(event.clientX, event.clientY);
      zoom(event.deltaY > 0 ? 1.1 : 0.9, at.x, at.y);
    },
    { passive: false },
  );

  function place(clientX: number, clientY: number): DOMPoint {
    return new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM()!.inverse());
  }

  let grip: { x: number; y: number; moved: boolean } | undefined;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) grip = { x: event.clientX, y: event.clientY, moved: false };
  });
  svg.addEventListener("pointermove", (event) => {
    if (!grip || event.buttons !== 1) return;
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!grip.moved && Math.hypot(dx, dy) < 4) return;
    if (!grip.moved) svg.setPointerCapture(event.pointerId);
    const by = scale();
    show({ ...seen, x: seen.x - dx * by, y: seen.y - dy * by });
    grip = { x: event.clientX, y: event.clientY, moved: true };
  });
  svg.addEventListener("pointerup", () => setTimeout(() => (grip = undefined)));
  svg.addEventListener("pointercancel", () => (grip = undefined));
  // Letting go after a drag chooses nothing. Turbo takes links of a drawing for those of a page, and fails at their
  // addresses: what a click asks for is asked by a link of the page.
  svg.addEventListener("click", (event) => {
    event.stopPropagation();
    const node = (event.target as Element).closest<SVGAElement>("[data-node]");
    if (grip?.moved) return event.preventDefault();
    if (!node || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(node.getAttribute("href")!.replace(/#.*/, ""));
  });
  mini?.addEventListener("pointerdown", (event) => look(event));
  mini?.addEventListener("pointermove", (event) => event.buttons === 1 && look(event));

  /** Brings the middle of the view to where somebody points in the small drawing. */
  function look(event: PointerEvent): void {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(mini!.getScreenCTM()!.inverse());
    show({ ...seen, x: at.x - seen.width / 2, y: at.y - seen.height / 2 });
  }
  svg.addEventListener("dragstart", (event) => event.preventDefault());

  /** Moves the view by a fifth. */
  function pan(key: string): void {
    const [x, y] = [seen.width / 5, seen.height / 5];
    const by = { ArrowUp: [0, -y], ArrowDown: [0, y], ArrowLeft: [-x, 0], ArrowRight: [x, 0] }[key];
    if (by) show({ ...seen, x: seen.x + by[0]!, y: seen.y + by[1]! });
  }

  /** Moves the view so that a box is in it, with some room. */
  function bring(node: SVGAElement): void {
    const { x, y } = centre(node);
    const [left, top] = [Math.min(120, seen.width / 3), Math.min(60, seen.height / 3)];
    show({
      ...seen,
      x: Math.min(Math.max(seen.x, x + left - seen.width), x - left),
      y: Math.min(Math.max(seen.y, y + top - seen.height), y - top),
    });
  }

  svg.addEventListener("focusin", (event) => {
    const node = (event.target as Element).closest<SVGAElement>("[data-node]");
    if (!node) return;
    bring(node);
    svg.classList.add("map-dim");
    for (const line of lines(svg)) line.classList.toggle("map-near", touches(line, node));
  });
  svg.addEventListener("focusout", () => svg.classList.remove("map-dim"));

  svg.addEventListener("keydown", (event) => {
    const node = (event.target as Element).closest<SVGAElement>("[data-node]");
    if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 0.8 : 1.25);
    else if (event.key === "0") show(whole);
    else if (event.key === " ") go(node.dataset["mapSwitch"]!);
    else if (event.shiftKey && event.key.startsWith("Arrow")) pan(event.key);
    else {
      const next = onwards(svg, nodes, node, event.key);
      if (!next && !event.key.startsWith("Arrow")) return;
      next?.focus({ preventScroll: true });
    }
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Asks for the page with another question; it is morphed into this one, so that the view and the focus stay. */
function go(place: string): void {
  const link = document.createElement("a");
  link.href = place;
  link.dataset["turboAction"] = "replace";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Shows in the small drawing what the view shows; a view that shows all of it needs none. */
function outline(mini: SVGSVGElement, seen: View, whole: View): void {
  const rect = mini.querySelector(".map-mini-view")!;
  for (const name of ["x", "y", "width", "height"] as const) rect.setAttribute(name, String(Math.round(seen[name])));
  const all = seen.x <= 0 && seen.y <= 0 && seen.x + seen.width >= whole.width && seen.y + seen.height >= whole.height;
  mini.toggleAttribute("hidden", all);
}

function lines(svg: SVGSVGElement): SVGElement[] {
  return [...svg.querySelectorAll<SVGElement>("[data-needed]")];
}

function touches(line: SVGElement, node: SVGAElement): boolean {
  const id = node.dataset["node"];
  return line.dataset["needed"] === id || line.dataset["dependent"] === id;
}

/** The middle of a box, in the drawing's own pixels. */
function centre(node: SVGAElement): { x: number; y: number } {
  const box = node.querySelector<SVGRectElement>(".map-box")!;
  const of = (name: string): number => Number(box.getAttribute(name));
  return { x: of("x") + of("width") / 2, y: of("y") + of("height") / 2 };
}

/** Where an arrow key leads: up and down along the lines, to the sides within the row; Home to the record in question. */
function onwards(svg: SVGSVGElement, nodes: SVGAElement[], node: SVGAElement, key: string): SVGAElement | undefined {
  const here = centre(node);
  const aside = (one: SVGAElement): number => Math.abs(centre(one).x - here.x);
  const nearest = (all: SVGAElement[]): SVGAElement | undefined => all.sort((one, other) => aside(one) - aside(other))[0];
  const along = (from: string, to: string): SVGAElement | undefined => {
    const ends = lines(svg).filter((line) => line.dataset[from] === node.dataset["node"]);
    return nearest(nodes.filter((one) => ends.some((line) => line.dataset[to] === one.dataset["node"])));
  };
  const row = (after: boolean): SVGAElement | undefined =>
    nearest(nodes.filter((one) => centre(one).y === here.y && (after ? centre(one).x > here.x : centre(one).x < here.x)));
  switch (key) {
    case "ArrowUp":
      return along("needed", "dependent");
    case "ArrowDown":
      return along("dependent", "needed");
    case "ArrowLeft":
      return row(false);
    case "ArrowRight":
      return row(true);
    case "Home":
      return nodes.find((one) => one.classList.contains("map-root"));
    default:
      return undefined;
  }
}

/** The slider says its instant while it moves, and asks for it once it rests. */
function slide(label: HTMLElement): void {
  const input = label.querySelector<HTMLInputElement>("input[type=range]")!;
  const form = input.form!;
  label.hidden = false;
  input.disabled = false;
  // It takes part in the form only once somebody has moved it.
  const name = input.name;
  input.removeAttribute("name");
  const words = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: input.dataset["zone"] ?? "UTC",
  });
  const shown = document.createElement("output");
  label.append(shown);
  const tell = (): void => {
    const text = words.format(Number(input.value));
    shown.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  tell();
  let resting = 0;
  input.addEventListener("input", () => {
    tell();
    clearTimeout(resting);
    resting = window.setTimeout(() => {
      input.name = name;
      form.requestSubmit();
    }, PAUSE_MS);
  });
}
