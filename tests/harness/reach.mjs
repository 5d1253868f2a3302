// What of a page is within reach of a pointer, a finger and the keyboard. The functions run in the page.

/** Puts into the window what the two judgements share. */
export function bringJudges() {
  const CONTROLS = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';

  /** What people see of a control: itself, or the label of one that is only there for the keyboard. */
  const face = (control) => {
    const { width, height } = control.getBoundingClientRect();
    const unseen = width < 2 || height < 2 || Number(getComputedStyle(control).opacity) === 0;
    return unseen ? control.labels?.[0] : control;
  };

  const box = ({ left, top, right, bottom }) => ({ left, top, right, bottom });
  const holdsAbsolute = (style) => style.position !== 'static' || style.transform !== 'none' || style.contain.includes('paint');

  /** The part of the element that can be brought into the window, by scrolling where the page scrolls. */
  const reachable = (element) => {
    const part = box(element.getBoundingClientRect());
    let { position } = getComputedStyle(element);
    const cut = (low, high, edge, overflow) => {
      if (/hidden|clip/.test(overflow)) [part[low], part[high]] = [Math.max(part[low], edge[low]), Math.min(part[high], edge[high])];
      if (/auto|scroll/.test(overflow)) [part[low], part[high]] = [edge[low], edge[high]];
    };
    for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
      if (position === 'fixed') break;
      const style = getComputedStyle(around);
      if (position === 'absolute' && !holdsAbsolute(style)) continue;
      ({ position } = style);
      if (style.display === 'contents' || style.display === 'inline') continue;
      const edge = box(around.getBoundingClientRect());
      cut('left', 'right', edge, style.overflowX);
      cut('top', 'bottom', edge, style.overflowY);
    }
    part.left = Math.max(part.left, 0);
    part.right = Math.min(part.right, document.documentElement.clientWidth);
    return part;
  };

  const told = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 180);

  /** What lies at the middle of what is seen of a control, unless it is the control. */
  const above = (control) => {
    const shown = face(control);
    if (!shown) return undefined;
    // The first of its lines: the middle of words that go round a corner is between them.
    const [line] = shown.getClientRects();
    const [x, y] = [(Math.max(line.left, 0) + Math.min(line.right, innerWidth)) / 2, (Math.max(line.top, 0) + Math.min(line.bottom, innerHeight)) / 2];
    const hit = document.elementFromPoint(x, y);
    const own = hit && (shown.contains(hit) || hit.contains(shown) || hit.closest('label')?.control === control);
    return own ? undefined : `${told(control)} lies beneath ${hit ? told(hit) : 'nothing'} at ${Math.round(x)}, ${Math.round(y)}`;
  };

  const seen = new WeakSet();
  const ancestors = (element) => (element && element !== document.body ? [element, ...ancestors(element.parentElement)] : []);

  const isOutlined = (element) =>
    [null, '::before', '::after'].some((part) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    });

  window.judges = {
    /** The controls that are cut off, beside the window or beneath something else. */
    outOfReach() {
      const faults = [];
      for (const control of document.querySelectorAll(CONTROLS)) {
        const shown = control.checkVisibility({ visibilityProperty: true }) && face(control);
        // Words in a line that is cut off by an ellipsis are a link all the same.
        if (!shown || shown.matches('.sr, .skip') || (getComputedStyle(shown).display === 'inline' && shown.matches('a'))) continue;
        const { width, height } = shown.getBoundingClientRect();
        const part = reachable(shown);
        const [wide, high] = [part.right - part.left, part.bottom - part.top];
        if (wide < Math.min(width, 24) - 1 || wide < width / 2 || high < Math.min(height, 24) - 1) {
          faults.push(`${told(control)} is cut off: ${Math.round(width)}×${Math.round(height)} at ${Math.round(shown.getBoundingClientRect().left)}, of which ${Math.round(wide)}×${Math.round(high)} can be seen`);
          continue;
        }
        // Beside a column that stands still it is seen when it is scrolled to the other edge.
        const fault = ['center', 'end', 'start'].reduce((last, inline) => {
          if (last === undefined) return last;
          shown.scrollIntoView({ block: 'center', inline });
          return above(control);
        }, '');
        if (fault) faults.push(fault);
      }
      return faults;
    },

    /** Where the focus is, and what is wrong with how it is shown. */
    focused() {
      const control = document.activeElement;
      if (!control || control === document.body) return { ended: true };
      const shown = face(control) ?? control;
      // What a control stands in may carry the outline for it.
      const carriers = [shown, ...ancestors(control)];
      const faults = [];
      if (!carriers.some(isOutlined)) faults.push(`${told(control)} has no outline`);
      const { left, right, top, bottom } = shown.getBoundingClientRect();
      const outside = right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight;
      const covered = outside ? `${told(control)} is out of the window` : above(control);
      if (covered) faults.push(covered);
      const ended = seen.has(control);
      seen.add(control);
      return { ended, faults };
    },
  };
}
