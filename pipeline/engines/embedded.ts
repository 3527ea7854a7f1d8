import { createRequire } from 'node:module';

/** What an engine that runs on this machine has besides its stage's interface. */
export interface EmbeddedEngine {
  /** Whether it can run here, found out without loading it. `missing` names the file, package or program. */
  isAvailable(): Promise<Availability>;
  /** Ends its workers and processes; its streams fail afterwards. Safe twice. */
  close(): Promise<void>;
}

export type Availability = { ok: true } | { ok: false; missing: string };

const require = createRequire(import.meta.url);

/** Where an installed package's main file lies, or undefined when it is not installed. */
export function findPackage(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
