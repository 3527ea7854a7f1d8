/** A text in both of the app's languages. `{name}` is filled from values or data of the same name. */
export interface InBoth {
  en: string;
  zh: string;
}

/** What people read of one check: on the screen and in reports. Names of values and nexts are those of its catalogue entry. */
export interface CheckWords {
  title: InBoth;
  /** One sentence: what is done and why it matters. */
  what: InBoth;
  values: Record<string, InBoth>;
  /** What to do about a failure: one or two sentences, imperative. */
  nexts: Record<string, InBoth>;
}

/** Puts what is known in place of each `{name}`; what is not known stays as it is. */
export function filled(text: string, data: Readonly<Record<string, string | number | boolean | null>>): string {
  return text.replaceAll(/\{(\w+)\}/gu, (whole, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    return value === undefined || value === null ? whole : String(value);
  });
}
