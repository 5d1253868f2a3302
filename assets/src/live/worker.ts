// The hub as a worker that all tabs of the browser share.
import { show, type Shown, type Tell } from "./hub.ts";

interface Ports {
  onconnect: ((event: MessageEvent) => void) | null;
}

(self as unknown as Ports).onconnect = ({ ports: [port] }) => {
  if (!port) return;
  const tell: Tell = (news) => port.postMessage(news);
  port.onmessage = ({ data }: MessageEvent<Shown | null | string>) => {
    if (typeof data !== "string") return show(tell, data);
    // A tab holds this lock as long as it lives, however it ends.
    void navigator.locks?.request(data, () => show(tell, null));
  };
};
