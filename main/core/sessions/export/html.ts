/** Markup that is ours or was escaped; only what made it may put it together. */
export interface Markup {
  readonly html: string;
}

/** Whatever is not markup is text, wherever it comes from: it is escaped here and nowhere else. */
export function html(strings: TemplateStringsArray, ...values: readonly (Markup | readonly Markup[] | string | number)[]): Markup {
  return { html: strings.map((part, i) => part + (i < values.length ? rendered(values[i] ?? '') : '')).join('') };
}

function rendered(value: Markup | readonly Markup[] | string | number): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return Array.isArray(value) ? value.map((one: Markup) => one.html).join('') : (value as Markup).html;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters have no place in HTML; what stood there is shown. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '').replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd');
}
