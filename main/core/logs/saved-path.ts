/** What a template of the setting `saving.template` is filled with. Times are the host's, local. */
export interface SavedName {
  port: string;
  /** Null: nothing records. */
  sessionId: string | null;
  wallMs: number;
}

/** Longest name of a file or folder: what every file system takes, with room for a number. */
const LONGEST = 120;

/**
 * A template as a path, its folders and its file, which lies below the folder it is put into whatever a port is called: values hold
 * no separators, and no part is `..`. The folders come first.
 */
export function savedPath(template: string, name: SavedName): string[] {
  const parts = template
    .split(/[\\/]+/)
    .map((part) => plainName(part.replace(/\{(date|time|port|session)\}/g, (_found, key: string) => filling(key, name))))
    .filter((part) => part !== '');
  return parts.length === 0 ? ['log'] : parts;
}

/** `name.log` as `name-2.log`. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
}

/** 2026-01-31 */
export function localDate(wallMs: number): string {
  const date = new Date(wallMs);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((value) => String(value).padStart(2, '0')).join('-');
}

function filling(key: string, { port, sessionId, wallMs }: SavedName): string {
  if (key === 'date') return localDate(wallMs);
  if (key === 'session') return sessionId ?? 'none';
  if (key === 'port')
    return (
      port
        .replace(/^\/dev\//, '')
        .replace(/[^\p{L}\p{N}._-]+/gu, '_')
        .replace(/^[._]+|[._]+$/g, '') || 'port'
    );
  const date = new Date(wallMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => String(value).padStart(2, '0')).join('-');
}

/** What no file system refuses or reads as something else: no controls, none of Windows' own characters, no dots at either end. */
function plainName(part: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = part.replace(/[\u0000-\u001f<>:"|?*]/g, '_').replace(/^[. ]+|[. ]+$/g, '');
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 8)}${plain.slice(-8)}`;
}
