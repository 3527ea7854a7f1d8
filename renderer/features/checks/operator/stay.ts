import { useEffect, useRef } from 'react';

/**
 * Nothing but the way out that was confirmed leads away from here: not the browser's back, not a key, not an address. The window may be
 * closed: the core goes on, and a window that cannot be closed would keep the desktop app from ending. Returns what lets go.
 */
export function useStay(): () => void {
  const isFree = useRef(false);
  useEffect(() => {
    const here = window.location.hash;
    // 'popstate' comes before 'hashchange', by which the screens change.
    const onMove = (): void => {
      if (!isFree.current && window.location.hash !== here) window.history.pushState(null, '', here);
    };
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);
  return () => {
    isFree.current = true;
  };
}
