import type { Log } from '../log.ts';
import type { SecretStore } from './secrets.ts';

/** Of each kind: every one is looked for in everything that is saved, and what boards and backends make up is no end of them. */
const MOST_OF_A_KIND = 1000;

/**
 * Names in the SecretStore, before a slash and a number that grows. Those of which one act brings many have kinds of their own, and make only
 * each other forgotten: a list of ten thousand devices is removed, and each task of a backend comes with a signature.
 */
const kinds = ['passing', 'signature', 'replaced', 'replaced-device'] as const;
type Kind = (typeof kinds)[number];

/** Of the registry and of imported lists. */
const deviceName = /^device(?:-list)?\//;
/** Shorter ones are words as often as not. */
const TYPED_KEY_CHARACTERS = 8;

export interface RememberedSecrets {
  /** The store for everybody else: what they replace or remove is remembered before it goes. */
  readonly secrets: SecretStore;
  /** One that is stored nowhere, but which a board that was given it prints, or a recorded request has: a Wi-Fi password, a key in a task. */
  readonly add: (secret: string) => void;
  /** One of those that a request brings with it each time. */
  addSignature(signature: string): void;
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
 * through, and those that are replaced or removed, are kept among the others, the newest thousand of each kind,
 * for redaction alone.
 */
export async function openRememberedSecrets({ store, isKept, log }: RememberedSecretsDeps): Promise<RememberedSecrets> {
  const remembered: Record<Kind, Map<string, number>> = {
    passing: new Map(),
    signature: new Map(),
    replaced: new Map(),
    'replaced-device': new Map(),
  };
  const forNow = new Set<string>();
  /** As they lie in the store. */
  const stored = new Map<string, string>();
  let next = 1;
  let changing: Promise<void> = Promise.resolve();
  let from: readonly string[] | null = null;
  let all: readonly string[] = [];

  const found = [...(await store.all())]
    .flatMap(([name, secret]) => {
      const [kind, number] = [kindOf(name), Number(name.slice(name.indexOf('/') + 1))];
      return kind !== undefined && Number.isSafeInteger(number) ? [{ name, secret, kind, number }] : [];
    })
    .sort((one, other) => one.number - other.number);
  for (const { name, secret, kind, number } of found) {
    stored.set(name, secret);
    remembered[kind].set(secret, number);
    next = number + 1;
  }
  for (const kind of kinds) for (const secret of [...remembered[kind].keys()].slice(0, -MOST_OF_A_KIND)) remembered[kind].delete(secret);

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

  /** One change after the other, each in one write with what changed of those remembered. */
  function change(
    prepare: (held: ReadonlyMap<string, string>) => { set: ReadonlyMap<string, string>; remove: readonly string[] },
  ): Promise<void> {
    const changed = changing.then(async () => {
      const { set, remove } = prepare(await store.all());
      const wanted = new Map<string, string>(
        isKept() ? kinds.flatMap((kind) => [...remembered[kind]].map(([secret, number]) => [`${kind}/${number}`, secret] as const)) : [],
      );
      const added = new Map([...wanted].filter(([name]) => !stored.has(name)));
      const gone = [...stored.keys()].filter((name) => !wanted.has(name));
      await store.change(new Map([...added, ...set]), [...gone, ...remove]);
      for (const [name, secret] of added) stored.set(name, secret);
      for (const name of gone) stored.delete(name);
    });
    changing = changed.catch(() => {});
    return changed;
  }

  /** They are known now, and that they cannot be kept as well is no reason to refuse what they are for. */
  const settle = (): Promise<void> =>
    change(() => ({ set: nothing, remove: [] })).catch((error: unknown) => log.error({ err: error }, 'secrets not kept for redaction'));

  /** With those kept that it makes go: those that nobody holds under another name. */
  function replace(set: ReadonlyMap<string, string>, remove: readonly string[]): Promise<void> {
    return change((held) => {
      const isGoing = new Set([...set.keys(), ...remove]);
      const staying = new Set(set.values());
      for (const [name, secret] of held) if (!isGoing.has(name) && kindOf(name) === undefined) staying.add(secret);
      for (const name of isGoing) {
        const secret = held.get(name);
        if (secret !== undefined && !staying.has(secret)) note(deviceName.test(name) ? 'replaced-device' : 'replaced', secret);
      }
      return { set, remove };
    });
  }

  function add(kind: Kind, secret: string): void {
    const isNew = !remembered[kind].has(secret) && secret !== '';
    note(kind, secret);
    if (isNew) void settle();
  }

  await settle();

  return {
    secrets: {
      get: (name) => store.get(name),
      all: () => store.all(),
      values: () => store.values(),
      set: (name, value) => replace(new Map([[name, value]]), []),
      setAll: (secrets) => replace(secrets, []),
      remove: (name) => replace(nothing, [name]),
      removeAll: (names) => replace(nothing, names),
      change: replace,
    },
    add: (secret) => add('passing', secret),
    addSignature: (signature) => add('signature', signature),
    addForNow(secret) {
      forNow.add(secret);
      from = null;
    },
    async values() {
      const held = await store.values();
      if (held === from) return all;
      const own = [...(await store.all())].filter(([name]) => !stored.has(name));
      const ofDevices = own.flatMap(([name, secret]) => (deviceName.test(name) ? [secret] : []));
      const keys = [...ofDevices, ...remembered['replaced-device'].keys()].flatMap((secret) => typedKeyOf(secret) ?? []);
      from = held;
      const now = new Set([
        ...own.map(([, secret]) => secret),
        ...kinds.flatMap((kind) => [...remembered[kind].keys()]),
        ...[...forNow, ...keys],
      ]);
      // Also when what is new was known already, and has only been written now.
      if (now.size !== all.length || !all.every((secret) => now.has(secret))) all = [...now];
      return all;
    },
    settle,
  };
}

function kindOf(name: string): Kind | undefined {
  return kinds.find((kind) => name.startsWith(`${kind}/`));
}

const nothing: ReadonlyMap<string, string> = new Map();

/** The registry keeps secrets in base64; what a user typed and a board prints of a key that is text (Tuya's) is that text. */
function typedKeyOf(secret: string): string | null {
  const text = Buffer.from(secret, 'base64').toString('latin1');
  const isBase64 = Buffer.from(text, 'latin1').toString('base64').replace(/=+$/, '') === secret.replace(/=+$/, '');
  return isBase64 && text.length >= TYPED_KEY_CHARACTERS && /^[ -~]+$/.test(text) ? text : null;
}
