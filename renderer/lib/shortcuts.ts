import { useEffect, useLayoutEffect, useRef } from 'react';

/**
 * Keys as `event.key` with modifiers in front: `Space`, `[`, `Ctrl+a`, `Shift+ArrowUp`. Letters are matched by `event.code`
 * as well (`KeyW`), so that W/A/S/D stay where the hand is on every keyboard layout.
 */
export type ShortcutMap = Record<string, (event: KeyboardEvent) => void>;

function nameOf(event: KeyboardEvent, key: string): string {
  const modifiers = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}`;
  return `${modifiers}${key === ' ' ? 'Space' : key}`;
}

/** Keys typed into a field, or that a focused control uses itself, are not shortcuts. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"]') !== null) return true;
  // What is ticked or chosen takes no letters: who ticks a board goes on by key.
  const isTyped = target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select') !== null;
  if (target.isContentEditable || isTyped) return true;
  if (target.closest('[role="listbox"]') !== null) return event.key.startsWith('Arrow');
  const isControl = target.closest('button, a, input, [role="tab"], [role="radio"], [role="menuitem"]') !== null;
  return isControl && (event.key === ' ' || event.key === 'Enter' || event.key.startsWith('Arrow'));
}

export function useShortcuts(shortcuts: ShortcutMap, isEnabled = true): void {
  const latest = useRef(shortcuts);
  // With what is shown, not a little later: the key that comes next is meant for it.
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (!isEnabled) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTaken(event)) return;
      const action = latest.current[nameOf(event, event.key)] ?? latest.current[nameOf(event, event.code)];
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [isEnabled]);
}
