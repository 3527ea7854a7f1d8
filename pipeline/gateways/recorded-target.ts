import { isKeyParameter } from '../secret-words.ts';

const HIDDEN = '[redacted]';

/** A request's target without the values of its keys. */
export function recordedTarget(target: string): string {
  const start = target.indexOf('?');
  if (start === -1) return target;
  const parts = target
    .slice(start + 1)
    .split('&')
    .map((part) => {
      const name = part.slice(0, part.indexOf('=') === -1 ? part.length : part.indexOf('='));
      return isHidden(safeDecoded(name)) ? `${name}=${HIDDEN}` : part;
    });
  return `${target.slice(0, start)}?${parts.join('&')}`;
}

function safeDecoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isHidden(name: string): boolean {
  return isKeyParameter(name) || /^(?:private)?(?:user)?sig$/iu.test(name);
}
