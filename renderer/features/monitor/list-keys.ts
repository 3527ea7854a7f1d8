import { type RefObject, useEffect } from 'react';

const moves = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home']);

/** Where these keys mean something else, or nothing that has to do with the log. */
const elsewhere =
  'input, textarea, select, aside, [contenteditable], [role=dialog], [role=menu], [role=listbox], [role=slider], [role=radiogroup]';

/** Whether a key that was pressed outside the log is meant for its rows. */
function isForList(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>, target: Element, hasMarkedText: boolean): boolean {
  if (event.altKey || target.closest(elsewhere) !== null) return false;
  if (event.ctrlKey || event.metaKey) return event.key === 'a' || (event.key === 'c' && !hasMarkedText);
  // A button that has the focus is pressed by Enter.
  return moves.has(event.key) || (event.key === 'Enter' && target === document.body);
}

/** The rows are moved through, selected and copied wherever the focus was left: they take it, and the key. */
export function useListKeys(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const list = box.current?.querySelector<HTMLElement>('[role=listbox]');
      const target = event.target;
      if (event.defaultPrevented || list === null || list === undefined || !(target instanceof Element)) return;
      if (!isForList(event, target, window.getSelection()?.isCollapsed === false)) return;
      event.preventDefault();
      list.focus({ preventScroll: true });
      const { key, code, shiftKey, ctrlKey, metaKey } = event;
      list.dispatchEvent(new KeyboardEvent('keydown', { key, code, shiftKey, ctrlKey, metaKey, bubbles: true, cancelable: true }));
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [box]);
}
