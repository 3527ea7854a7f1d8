/** The faces that firmware has, by its names of emotions, and the emoji that goes with each (reference/voice.md §4.3). */
const faces: Readonly<Record<string, string>> = {
  neutral: '😶',
  happy: '🙂',
  laughing: '😆',
  funny: '😂',
  sad: '😔',
  angry: '😠',
  crying: '😭',
  loving: '😍',
  embarrassed: '😳',
  surprised: '😲',
  shocked: '😱',
  thinking: '🤔',
  winking: '😉',
  cool: '😎',
  relaxed: '😌',
  delicious: '🤤',
  kissy: '😘',
  confident: '😏',
  sleepy: '😴',
  silly: '😜',
  confused: '🙄',
};

/** What shows an emotion; one that firmware has no face for is shown as neutral. */
export function faceOf(emotion: string): { emotion: string; text: string } {
  const name = Object.hasOwn(faces, emotion) ? emotion : 'neutral';
  return { emotion: name, text: faces[name] ?? '' };
}
