import { badConfig, checkedConfig, filledConfig } from '../../../pipeline/engines/config.ts';
import type { KindFacts } from '../../../pipeline/engines/kind.ts';
import type { EngineKinds, ReadyProfile } from '../../../pipeline/engines/profiles.ts';
import { type EngineProfile, engineProfile } from '../../../preload/contract/engines.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import type { Log } from '../log.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from '../store/store.ts';

/** Without its secrets: they are kept elsewhere, and only their names are known of. */
const storedProfile = engineProfile.omit({ secrets: true });
type StoredProfile = Omit<EngineProfile, 'secrets'>;

export interface EngineProfilesDeps {
  store: Store;
  secrets: SecretStore;
  kinds: EngineKinds;
  log: Log;
  wallMs: () => number;
  /** Ids that engines of ours have. */
  embeddedIds: ReadonlySet<string>;
  /** Who names the engine now, in a few words; empty: nobody. */
  usedBy: (id: string) => Promise<readonly string[]>;
  /** After every change. */
  onChange: () => void;
}

/**
 * The lab's engine profiles: documents of the library, their secrets in the secret store under 'engine/<profile>/<field>'. All are in
 * memory, the secrets too: an engine is made in the middle of a turn, where nothing may be waited for.
 */
export class EngineProfiles {
  readonly #deps: EngineProfilesDeps;
  readonly #profiles = new Map<string, StoredProfile>();
  readonly #secrets = new Map<string, ReadonlyMap<string, string>>();
  /** Made once for each state of a profile, so that it is the same object until something changes. */
  readonly #ready = new Map<string, ReadyProfile>();
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(deps: EngineProfilesDeps) {
    this.#deps = deps;
  }

  /** A document that cannot be read is left where it is, and said in the log. */
  static async open(deps: EngineProfilesDeps): Promise<EngineProfiles> {
    const profiles = new EngineProfiles(deps);
    for (const { id, body } of await deps.store.read('document.list', { kind: 'engine' })) {
      const parsed = storedProfile.safeParse(body);
      if (parsed.success) await profiles.#remember(parsed.data);
      else
        deps.log.error({ id, issues: parsed.error.issues.map((issue) => issue.path.join('.')) }, 'a stored engine profile cannot be read');
    }
    return profiles;
  }

  list(): EngineProfile[] {
    return [...this.#profiles.values()].map((profile) => this.#shown(profile)).sort((a, b) => a.name.localeCompare(b.name));
  }

  choices(): EngineChoice[] {
    return this.list().map(({ id, stage, kind, secrets }) => {
      const known = this.kind(stage, kind);
      if (known === undefined) return { id, stage, isAvailable: false, languages: [], missing: kind };
      // The secrets' file may have been lost, or left out when the library was copied.
      const missing = known.fields.find((field) => field.kind === 'secret' && field.isRequired && !secrets.includes(field.name))?.name;
      return { id, stage, isAvailable: missing === undefined, languages: [...known.languages], ...(missing !== undefined && { missing }) };
    });
  }

  has(id: string): boolean {
    return this.#profiles.has(id);
  }

  /** With its secrets: for engines only. */
  ready(id: string): ReadyProfile | undefined {
    return this.#ready.get(id);
  }

  kind(stage: string, kind: string): KindFacts | undefined {
    const { llm, stt, tts } = this.#deps.kinds;
    return [...llm, ...stt, ...tts].find((candidate) => candidate.stage === stage && candidate.kind === kind);
  }

  /** Throws TalkError 'engine/bad-config' {field, reason}. */
  put(given: StoredProfile, secrets: Readonly<Record<string, string | null>>): Promise<EngineProfile> {
    return this.#inTurn(async () => {
      const { store, wallMs, embeddedIds } = this.#deps;
      const before = this.#profiles.get(given.id);
      if (embeddedIds.has(given.id)) throw badConfig('id', 'embedded-id', { id: given.id });
      if (before !== undefined && before.stage !== given.stage) throw badConfig('stage', 'other-stage');
      const kind = this.kind(given.stage, given.kind);
      if (kind === undefined) throw badConfig('kind', 'unknown-kind', { kind: given.kind, stage: given.stage });
      const profile = { ...given, config: checkedConfig(kind.fields, given.config) };
      // A key is one service's: of another kind it would be told to a stranger.
      const stored = before?.kind === given.kind ? this.#secrets.get(given.id) : undefined;
      // And one host's: another may be a stranger's too, and only who knows the key may tell it there.
      const forgotten = [...(stored?.keys() ?? [])].find((name) => !Object.hasOwn(secrets, name));
      if (before !== undefined && forgotten !== undefined && isElsewhere(kind, before.config, profile.config))
        throw badConfig(forgotten, 'other-address');
      const kept = this.#keptSecrets(kind, stored, secrets);
      // Secrets first: a profile without its key says so when it is used, one with another's key would tell that key to a stranger.
      await this.#saveSecrets(given.id, kept);
      await store.write('document.save', { kind: 'engine', id: profile.id, body: profile, wallMs: wallMs() });
      this.#set(profile, kept);
      this.#deps.onChange();
      return this.#shown(profile);
    });
  }

  /** Throws TalkError 'not-found' | 'engine/in-use'. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#profiles.has(id)) throw new TalkError('not-found', { what: 'engine profile', id });
      const by = await this.#deps.usedBy(id);
      if (by.length > 0) throw new TalkError('engine/in-use', { id, by: by.join(', ') });
      // A later profile of that name must not find an old key.
      await this.#saveSecrets(id, new Map());
      await this.#deps.store.write('document.remove', { kind: 'engine', id });
      this.#profiles.delete(id);
      this.#secrets.delete(id);
      this.#ready.delete(id);
      this.#deps.onChange();
    });
  }

  /** What the secrets are after the change. Throws 'engine/bad-config' for a required one that is not there. */
  #keptSecrets(
    { fields }: KindFacts,
    before: ReadonlyMap<string, string> | undefined,
    changes: Readonly<Record<string, string | null>>,
  ): Map<string, string> {
    for (const name of Object.keys(changes)) {
      const field = fields.find((candidate) => candidate.name === name);
      if (field === undefined) throw badConfig(name, 'unknown-field');
      if (field.kind !== 'secret') throw badConfig(name, 'no-secret');
    }
    const kept = new Map<string, string>();
    for (const { name, kind, isRequired } of fields) {
      if (kind !== 'secret') continue;
      // Copied keys bring blanks and line ends along.
      const value = Object.hasOwn(changes, name) ? changes[name]?.trim() : before?.get(name);
      // What no request's header can carry: the libraries' errors about it would quote it.
      if (value !== undefined && !/^[\x20-\x7e]*$/u.test(value)) throw badConfig(name, 'not-a-key');
      if (value !== undefined && value !== '') kept.set(name, value);
      else if (isRequired) throw badConfig(name, 'missing');
    }
    return kept;
  }

  async #saveSecrets(id: string, kept: ReadonlyMap<string, string>): Promise<void> {
    const gone = [...(this.#secrets.get(id)?.keys() ?? [])].filter((name) => !kept.has(name));
    await this.#deps.secrets.removeAll(gone.map((name) => secretName(id, name)));
    await this.#deps.secrets.setAll(new Map([...kept].map(([name, value]) => [secretName(id, name), value])));
  }

  async #remember(profile: StoredProfile): Promise<void> {
    const secrets = new Map<string, string>();
    for (const field of this.kind(profile.stage, profile.kind)?.fields ?? []) {
      if (field.kind !== 'secret') continue;
      const value = await this.#deps.secrets.get(secretName(profile.id, field.name));
      if (value !== null) secrets.set(field.name, value);
    }
    this.#set(profile, secrets);
  }

  #set(profile: StoredProfile, secrets: ReadonlyMap<string, string>): void {
    const { id, stage, kind } = profile;
    const fields = this.kind(stage, kind)?.fields ?? [];
    this.#profiles.set(id, profile);
    this.#secrets.set(id, secrets);
    this.#ready.set(id, { id, stage, kind, config: filledConfig(fields, profile.config, secrets) });
  }

  #shown(profile: StoredProfile): EngineProfile {
    return { ...profile, secrets: [...(this.#secrets.get(profile.id)?.keys() ?? [])] };
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#changes.then(change);
    this.#changes = changed.catch(() => {});
    return changed;
  }
}

/** Whether the addresses of both configurations lead to different hosts, or to one less safely. */
function isElsewhere({ fields }: KindFacts, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): boolean {
  return fields.some(({ name, kind, default: usual }) => {
    if (kind !== 'url') return false;
    const [was, is] = [before[name] ?? usual, after[name] ?? usual].map((address) => originOf(address));
    return was !== is;
  });
}

function originOf(address: unknown): string | null {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : null;
  return url && `${['https:', 'wss:'].includes(url.protocol) ? 'safe' : 'plain'} ${url.host}`;
}

function secretName(id: string, field: string): string {
  return `engine/${id}/${field}`;
}
