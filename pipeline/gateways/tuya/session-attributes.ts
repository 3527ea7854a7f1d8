import { objectOf } from './user-data.ts';

/** The first of `tts.order.supports` that is made here. */
export function orderedAudio(session: Readonly<Record<string, unknown>>): 'pcm' | 'opus' | undefined {
  const supports = session['tts.order.supports'];
  const list: unknown = typeof supports === 'string' ? safeList(supports) : supports;
  if (!Array.isArray(list)) return undefined;
  const formats = list.map((one) => objectOf(one).format);
  return formats.find((format) => format === 'pcm' || format === 'opus');
}

function safeList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

/** What the client gives for prompts: texts and numbers of `custom.param`. */
export function variablesOf(session: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(objectOf(session['custom.param'])).slice(0, 50);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value).slice(0, 1000)]] : [],
    ),
  );
}
