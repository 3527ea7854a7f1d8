import type { PortFirmware, SymbolRow, SymbolState } from '../../../../preload/contract/symbols.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import type { Log } from '../../log.ts';
import { Decoder, decodeRows, shaInRow, shaOf } from './decode.ts';
import { addressesOf, fieldOf } from './row-addresses.ts';
import { SymbolFiles } from './symbol-files.ts';

export interface Symbols {
  calls: Pick<CallHandlers, 'symbols.list' | 'symbols.load' | 'symbols.remove' | 'symbols.decode' | 'symbols.decodeRows'>;
  streams: Pick<StreamHandlers, 'symbols.state'>;
  /** Rows of the log, from which the service learns what firmware each port's board runs. */
  heard(rows: readonly (Pick<SymbolRow, 'event' | 'payload'> & { port: string })[]): void;
  /** For logs that send pointers to strings (ESP-IDF's binary log): the string in the firmware the port's board runs. Null: not known. */
  stringAt(port: string, pointer: number): string | null;
  close(): Promise<void>;
}

/** The service that knows functions and lines of the firmware in use. What was loaded before comes back by itself, after the start. */
export function createSymbols(deps: { dataDirectory: string; clock: Clock; log: Log }): Symbols {
  const ports = new Map<string, Omit<PortFirmware, 'symbolId'>>();
  /** Names come before the hash in ESP-IDF's start-up log. */
  const names = new Map<string, Pick<PortFirmware, 'project' | 'appVersion'>>();
  const files = new SymbolFiles({ ...deps, onChange: () => topic.publish(state()) });
  const topic = new Topic<SymbolState, SymbolState>({ snapshot: state, retain: 64 });
  const restored = files.restore();

  function state(): SymbolState {
    const { builds } = files;
    return {
      files: files.files,
      ports: [...ports.values()].map((port) => ({
        ...port,
        symbolId: builds.find(({ sha256 }) => sha256.startsWith(port.elfSha256))?.id ?? null,
      })),
    };
  }

  const shaFor = (elfSha256: string | undefined, port: string | undefined) =>
    shaOf(elfSha256) ?? (port === undefined ? null : (ports.get(port)?.elfSha256 ?? null));

  return {
    calls: {
      'symbols.list': async () => {
        await restored;
        return state();
      },
      'symbols.load': async (body) => {
        await restored;
        return 'path' in body ? files.loadPath(body.path) : files.loadData(body.name, body.data);
      },
      'symbols.remove': async ({ id }) => {
        await restored;
        await files.remove(id);
        return {};
      },
      'symbols.decode': async ({ addresses, kind, elfSha256, port }) => {
        await restored;
        const decoder = new Decoder(files.builds, shaFor(elfSha256, port));
        return { addresses: addressesOf(addresses, kind).flatMap((found) => decoder.decode(found) ?? []) };
      },
      'symbols.decodeRows': async ({ rows, port, elfSha256 }) => {
        await restored;
        return decodeRows(rows, files.builds, shaFor(elfSha256, port));
      },
    },
    streams: { 'symbols.state': () => ({ topic }) },
    heard(rows) {
      let hasChanged = false;
      for (const row of rows) {
        if (row.event === undefined) continue;
        const elfSha256 = shaInRow(row);
        const known = ports.get(row.port);
        if (elfSha256 !== null) {
          // The longer of two prints of the same says more.
          if (known?.elfSha256.startsWith(elfSha256) === true) continue;
          ports.set(row.port, { ...names.get(row.port), port: row.port, elfSha256 });
          hasChanged = true;
        } else if (row.event === 'boot.app-info') {
          const fact = factOf(row.payload);
          if (fact === null) continue;
          names.set(row.port, { ...names.get(row.port), ...fact });
          if (known === undefined) continue;
          ports.set(row.port, { ...known, ...fact });
          hasChanged = true;
        }
      }
      if (hasChanged) topic.publish(state());
    },
    stringAt(port, pointer) {
      const sha = ports.get(port)?.elfSha256;
      const { builds } = files;
      const named = sha === undefined ? undefined : builds.find(({ sha256 }) => sha256.startsWith(sha));
      for (const { firmware } of named === undefined ? builds : [named]) {
        const text = firmware.stringAt(pointer);
        if (text !== null) return text;
      }
      return null;
    },
    async close() {
      await restored;
      await files.close();
    },
  };
}

function factOf(payload: unknown): Pick<PortFirmware, 'project' | 'appVersion'> | null {
  const value = fieldOf(payload, 'value');
  if (typeof value !== 'string') return null;
  const key = fieldOf(payload, 'key');
  if (key === 'Project name') return { project: value };
  return key === 'App version' ? { appVersion: value } : null;
}
