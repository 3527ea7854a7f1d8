import type { EngineField, EngineKind, EngineProfile } from '../../../preload/contract/engines.ts';

/** A profile being written. `values` are as the form holds them: JSON as text, everything else as itself. */
export interface ProfileDraft {
  id: string;
  stage: EngineKind['stage'];
  kind: string;
  name: string;
  values: Readonly<Record<string, unknown>>;
  /** What was typed now; empty keeps what is stored, null takes it away. */
  secrets: Readonly<Record<string, string | null>>;
}

/** A name as an id: letters, digits and hyphens; of a name without any, the kind's. */
export function idOf(name: string, kind: string, taken: ReadonlySet<string>): string {
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 56);
  const base = slug(name) || slug(kind) || 'engine';
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}

function shownValue(field: EngineField, value: unknown): unknown {
  if (field.kind === 'json') return value === undefined ? '' : JSON.stringify(value, null, 2);
  return value ?? (field.kind === 'switch' ? false : '');
}

/** The form's values for a configuration, defaults where it says nothing. */
export function valuesOf(fields: readonly EngineField[], config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter((field) => field.kind !== 'secret')
      .map((field) => [field.name, shownValue(field, Object.hasOwn(config, field.name) ? config[field.name] : field.default)]),
  );
}

export function draftOf(profile: EngineProfile, kind: EngineKind): ProfileDraft {
  const { id, stage, name } = profile;
  return { id, stage, kind: profile.kind, name, values: valuesOf(kind.fields, profile.config), secrets: {} };
}

/** The configuration in the form; what is empty is left out. `badJson`: fields whose text is none. */
export function configOf(fields: readonly EngineField[], values: Readonly<Record<string, unknown>>) {
  const config: Record<string, unknown> = {};
  const badJson: string[] = [];
  for (const { name, kind } of fields) {
    const value = values[name];
    if (kind === 'secret' || value === '' || value === undefined || value === null) continue;
    if (kind !== 'json') {
      config[name] = value;
      continue;
    }
    try {
      if (String(value).trim() !== '') config[name] = JSON.parse(String(value));
    } catch {
      badJson.push(name);
    }
  }
  return { config, badJson };
}

/** Secrets as the core takes them: only those that are to change. */
export function secretChanges(secrets: ProfileDraft['secrets']): Record<string, string | null> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
}
