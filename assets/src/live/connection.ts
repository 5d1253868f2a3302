// The way from this tab to the hub: a shared worker, or the hub itself where a browser has none.
import { show, type Shown, type Tell } from "./hub.ts";

declare const LIVE_WORKER: string;

/** Begins to hear news; the answer tells the hub what the tab shows. */
export function connect(hear: Tell): (shown: Shown | null) => void {
  if (!("SharedWorker" in window)) return (shown) => show(hear, shown);
  const { port } = new SharedWorker(LIVE_WORKER, "live");
  port.onmessage = ({ data }) => hear(data);
  const life = `live-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  void navigator.locks?.request(life, () => {
    port.postMessage(life);
    return new Promise(() => {});
  });
  return (shown) => port.postMessage(shown);
}
