/** What a board in software can do wrong. No zod here: the page lists them. */
export const wifiFaults = [
  'wrong-password',
  'network-not-found',
  'no-reply',
  'lost-messages',
  'malformed',
  'old-error',
  'vanishes',
] as const;
