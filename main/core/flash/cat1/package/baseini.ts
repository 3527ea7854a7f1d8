import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { Binpkg } from './binpkg.ts';

/** What a package bundles of its tool's settings, for one transport. */
export interface BundledSettings {
  agentBaudRate: number | null;
  pullUpQspi: boolean | null;
  dribble: boolean | null;
}

/** `NAME_usb.baseini` or `NAME_uart.baseini`. A value that makes no sense is refused: these lines drive the flash's pins. */
export function bundledSettings({ entries }: Binpkg, transport: 'usb' | 'uart', path: string): BundledSettings {
  const entry = entries.find(({ name }) => name.toLowerCase().endsWith(`_${transport}.baseini`));
  const values = new Map<string, string>();
  for (const line of new TextDecoder().decode(entry?.data).split(/\r?\n/)) {
    const [, key, value] = /^\s*(\w+)\s*=\s*([^;#]*)/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key.toLowerCase(), value.trim());
  }
  const read = <T>(key: string, pattern: RegExp, as: (text: string) => T): T | null => {
    const value = values.get(key);
    if (value === undefined) return null;
    if (!pattern.test(value)) throw new TalkError('flash/bad-file', { path, reason: `${entry?.name}: ${key}=${value}` });
    return as(value);
  };
  return {
    agentBaudRate: read('agbaud', /^[1-9]\d{3,6}$/, Number),
    pullUpQspi: read('pullup_qspi', /^[01]$/, (text) => text === '1'),
    dribble: read('dribble_dld_en', /^[01]$/, (text) => text === '1'),
  };
}
