import { instantText } from '../../lib/quantities.ts';

/** Session time as the reader's columns have it: the wall clock's, or since the start. */
export function sessionTimeText(startedWallMs: number, form: 'wall' | 'elapsed'): (us: number) => string {
  if (form === 'elapsed') return (us) => instantText(us);
  return (us) => {
    const at = new Date(startedWallMs + us / 1000);
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  };
}
