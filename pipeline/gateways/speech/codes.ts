/**
 * Codes of the speech services' answers. The document names −1 only ("auth error", "Invalid Token", "Invalid Action header"); the others
 * are those of Tencent's recognition v2 and of a task's stages, which the same products use elsewhere.
 */
export const codes = {
  refused: -1,
  tooFast: 4000,
  badParameters: 4001,
  tooMany: 4006,
  noAudio: 4008,
  failed: 5000,
} as const;

/** Close codes of RFC 6455. */
export const closeCodes = { normal: 1000, goingAway: 1001, refused: 1008, tooBig: 1009, failed: 1011 } as const;
