/** Why a board is not let in: `reason` of `device.refused`, and of a step that failed on the way here. Each has its sentences on screen. */
export const refusalReasons = [
  // Whoever it says it is.
  'unknown-device',
  'too-many-unknown',
  'malformed',
  'malformed-client-id',
  'malformed-username',
  'no-device-id',
  'username-of-another',
  'client-id-of-another',
  // What it shows for it.
  'password-missing',
  'bad-password',
  'bad-signature',
  'bad-token',
  'bad-activation',
  'wrong-certificate',
  'wrong-method',
  'no-secret',
  'expired',
  'replayed-hello',
  'sign-level',
  'no-random',
  // Dynamic registration.
  'unknown-product',
  'bad-product-signature',
  'not-entered',
  // The voice connection.
  'token-unknown',
  'token-expired',
  'token-of-another-device',
  'bad-custom-params',
  'connected-already',
  // The bench.
  'too-many-connections',
  'closing',
] as const;

/** What would have been right, where the reason alone does not say it: `hint` of `device.refused`. Each has its sentence on screen. */
export const refusalHints = [
  'username-form',
  'password-method',
  'password-length',
  'password-undecoded',
  'key-form',
  'psk-form',
  'certificate-form',
] as const;

export type RefusalHint = (typeof refusalHints)[number];

export type RefusalReason = (typeof refusalReasons)[number];

export function isRefusalReason(reason: string | undefined): reason is RefusalReason {
  return refusalReasons.some((known) => known === reason);
}

/** A wire's note of a refusal: `refused: <reason>`, and its hint in brackets. Null for other notes. */
export function readRefusalNote(note: string | undefined): { reason: RefusalReason; hint?: RefusalHint } | null {
  const [, reason, hint] = /^refused: ([\w-]+)(?: \(([\w-]+)\))?$/u.exec(note ?? '') ?? [];
  if (!isRefusalReason(reason)) return null;
  const known = refusalHints.find((one) => one === hint);
  return { reason, ...(known !== undefined && { hint: known }) };
}
