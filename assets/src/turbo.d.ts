// The part of Turbo that these pages listen to.
declare module "@hotwired/turbo" {
  export function morphChildren(element: HTMLElement, fresh: HTMLElement): void;
  export function morphBodyElements(body: HTMLElement, fresh: HTMLElement): void;
  export function visit(location: string): void;
}

type TurboAction = "advance" | "replace" | "restore";

interface DocumentEventMap {
  "turbo:load": CustomEvent;
  "turbo:visit": CustomEvent<{ url: string; action: TurboAction }>;
  "turbo:before-visit": CustomEvent;
  "turbo:before-render": CustomEvent<{ renderMethod: "replace" | "morph" }>;
  "turbo:render": CustomEvent<{ renderMethod: "replace" | "morph" }>;
  // Told at the document where the answer has already replaced the form: the form stands in what is told.
  "turbo:submit-end": CustomEvent<{ success?: boolean; formSubmission: { formElement: HTMLFormElement } }>;
  "turbo:before-morph-element": CustomEvent<{ newElement?: Element }>;
  "turbo:before-morph-attribute": CustomEvent<{ attributeName: string; mutationType: string }>;
}
