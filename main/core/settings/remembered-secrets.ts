import type { Log } from '../log.ts';
import type { SecretStore } from './secrets.ts';

/** Of each kind: every one is looked for in everything that is saved, and what boards and backends make up is no end of them. */
const MOST_OF_A_KIND = 1000;

/** Names in the SecretStore, before a slash and a number that grows. */
const kinds = ['passing', 'replaced'] as const;
type Kind = (typeof kinds)[number];

export interface RememberedSecrets {
  /** The store for everybody else: what they replace or remove is remembered before it goes. */
  readonly secrets: SecretStore;
  /** One that is stored nowhere, but which a board that was given it prints, or a recorded request has: a Wi-Fi password, a key in a task. */
  readonly add: (secret: string) => void;
  /** One that is worth nothing once this process has ended. */
  addForNow(secret: string): void;
  /** All that are to be found in what leaves the machine. The same array until they change: who looks for them prepares for an array once. */
  values(): Promise<readonly string[]>;
  /** After the setting changed, and before the process ends: resolves when they lie in the store as they should, or cannot. */
  settle(): Promise<void>;
}

export interface RememberedSecretsDeps {
  store: SecretStore;
  /** Whether they outlive the process. What was kept is forgotten by the next `save` when they are not to. */
  isKept: () => boolean;
  log: Log;
}

/**
 * What was a secret once stays one in the recordings that have it, and in what a board prints that still uses it. So those that pass
 * through, and those that are replaced or removed, are kept among the others, the newest thousand of each kind, for redaction alone.
 */
export async function openRememberedSecrets({ store, isKept, log }: RememberedSecretsDeps): Promise<RememberedSecrets> {
  const remembered: Record<Kind, Map<string, number>> = { passing: new Map(), replaced: new Map() };
  const forNow = new Set<string>();
  /** As they lie in the store. */
  const stored = new Map<string, string>();
  let next = 1;
  let saving: Promise<void> = Promise.resolve();
  let changing: Promise<void> = Promise.resolve();
  let from: readonly string[] | null = null;
  let all: readonly string[] = [];

  const found = [...(await store.all())]
    .flatMap(([name, secret]) => {
      const [kind, number] = [kinds.find((one) => name.startsWith(`${one}/`)), Number(name.slice(name.indexOf('/') + 1))];
      return kind !== undefined && Number.isSafeInteger(number) ? [{ name, secret, kind, number }] : [];
    })
    .sort((one, other) => one.number - other.number);
  for (const { name, secret, kind, number } of found) {
    stored.set(name, secret);
    remembered[kind].set(secret, number);
    next = number + 1;
  }

  /** Told again it is among the newest again. */
  function note(kind: Kind, secret: string): void {
    if (secret === '') return;
    const known = remembered[kind];
    const isNew = !known.delete(secret);
    known.set(secret, next++);
    const [oldest] = known.keys();
    if (known.size > MOST_OF_A_KIND && oldest !== undefined) known.delete(oldest);
    if (isNew) from = null;
  }

  async function write(): Promise<void> {
    const wanted = new Map<string, string>(
      isKept() ? kinds.flatMap((kind) => [...remembered[kind]].map(([secret, number]) => [`${kind}/${number}`, secret] as const)) : [],
    );
    const added = new Map([...wanted].filter(([name]) => !stored.has(name)));
    const gone = [...stored.keys()].filter((name) => !wanted.has(name));
    await store.setAll(added);
    for (const [name, secret] of added) stored.set(name, secret);
    await store.removeAll(gone);
    for (const name of gone) stored.delete(name);
  }

  /** After the one before, whether that one succeeded or not. */
  function save(): Promise<void> {
    saving = saving.catch(() => {}).then(write);
    return saving;
  }

  /** They are known now, and that they cannot be kept as well is no reason to refuse what they are for. */
  const settle = (): Promise<void> => save().catch((error: unknown) => log.error({ err: error }, 'secrets not kept for redaction'));

  /** One change after the other, each with those kept that it makes go: those that nobody holds under another name. */
  function change(names: readonly string[], instead: ReadonlyMap<string, string>, make: () => Promise<void>): Promise<void> {
    const changed = changing
      .catch(() => {})
      .then(async () => {
        const held = await store.all();
        const going = new Set(names.flatMap((name) => held.get(name) ?? []));
        if (going.size > 0) {
          const isGoing = new Set(names);
          for (const [name, secret] of held) if (!isGoing.has(name)) going.delete(secret);
          for (const secret of instead.values()) going.delete(secret);
        }
        for (const secret of going) note('replaced', secret);
        if (going.size > 0) await save();
        await make();
      });
    changing = changed;
    return changed;
  }

  await settle();

  return {
    secrets: {
      get: (name) => store.get(name),
      all: () => store.all(),
      values: () => store.values(),
      set: (name, value) => change([name], new Map([[name, value]]), () => store.set(name, value)),
      setAll: (secrets) => change([...secrets.keys()], secrets, () => store.setAll(secrets)),
      remove: (name) => change([name], new Map(), () => store.remove(name)),
      removeAll: (names) => change(names, new Map(), () => store.removeAll(names)),
    },
    add(secret) {
      const isNew = !remembered.passing.has(secret) && secret !== '';
      note('passing', secret);
      if (isNew) void settle();
    },
    addForNow(secret) {
      forNow.add(secret);
      from = null;
    },
    async values() {
      const held = await store.values();
      if (held !== from) {
        from = held;
        all = [...new Set([...held, ...kinds.flatMap((kind) => [...remembered[kind].keys()]), ...forNow])];
      }
      return all;
    },
    settle,
  };
}
