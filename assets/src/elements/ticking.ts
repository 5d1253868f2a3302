// One timer for everything on the page that tells the time.

interface Ticking {
  tick(now: number): void;
}

const shown = new Set<Ticking>();
let timer: number | undefined;

/** Calls `each.tick` every fifteen seconds until `stop`. */
export function start(each: Ticking): void {
  shown.add(each);
  timer ??= window.setInterval(() => shown.forEach((one) => one.tick(Date.now())), 15_000);
}

/** Ends what `start` began. */
export function stop(each: Ticking): void {
  shown.delete(each);
  if (shown.size > 0) return;
  window.clearInterval(timer);
  timer = undefined;
}
