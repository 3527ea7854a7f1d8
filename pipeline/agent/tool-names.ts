/** Language models take no other names (reference/voice.md §4.5). */
const LONGEST = 64;

/**
 * Gives tools names that every language model takes, `[A-Za-z0-9_-]{1,64}`, and each its own: 'self.audio_speaker.set_volume' becomes
 * 'self_audio_speaker_set_volume', a second one of that name gets '_2'. The same names in the same order give the same result.
 */
export function uniqueToolNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replaceAll(/[^A-Za-z0-9_-]+/gu, '_').slice(0, LONGEST) || 'tool';
    let unique = plain;
    for (let number = 2; taken.has(unique); number += 1) unique = `${plain.slice(0, LONGEST - 1 - String(number).length)}_${number}`;
    taken.add(unique);
    return unique;
  });
}
